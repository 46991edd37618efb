/** The most frequent words of each language that have no meaning of their own: articles, pronouns, prepositions, auxiliaries. */
const WORDS: Readonly<Record<string, string>> = {
  en: "the of and to a in is it you that he was for on are as with his they i at be this have from or had by not but what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into has more no way could my than been its who did get may i'm it's don't please",
  de: 'der die das und ist in den von zu mit sich des auf für nicht ein eine einen einem einer dem im es auch als an er sie wie aus bei hat nach am werden wird sind noch war so zum zur oder aber vor bis mehr durch man dann was wenn nur mich mir dir dich ich du wir ihr uns euch kann können könnte soll haben habe bin bist sein meine mein meinen meiner deine diese dieser dieses diesen bitte welche warum wo wer kein keine über unter',
  fr: "le la les de des du un une et est en que qui dans ce cette ces il elle on nous vous ils elles je tu ne pas plus pour par sur avec au aux se sont était être avoir ont a ai as mais ou où donc si son sa ses mon ma mes ton votre notre leur leurs comme tout tous quel quelle quels quelles quoi comment pourquoi moi toi lui y l' d' j' c' s' n' m' t' qu' peux peut voudrais ni sans sous toute toutes",
  es: 'el la los las de del un una unos unas y e o que en a al es son está están por para con no se su sus lo le les me te nos mi tu mis tus como cómo más pero si sí ya este esta estos estas ese esa eso esto muy también cuando donde dónde qué quién cuál porque sin sobre entre hasta desde ser hay ha he había quiero puede puedes yo él ella ellos nosotros usted ni todo toda todos todas tiene tienen cada ante',
  it: "il lo la i gli le di del della dei delle degli dello un uno una e è ed o che in a al alla ai alle da dal dalla con su sul sulla sui per non si sono ha ho hanno come più ma se questo questa questi queste quello quella anche mi ti ci vi suo sua mio mia tuo cosa chi quale qual quando dove perché essere era io tu lui lei noi voi loro vorrei l' d' un' c' dell' all' nell' nel nella",
  pt: 'o a os as de do da dos das um uma uns umas e ou que em no na nos nas é são está por pelo pela para com não se seu sua seus suas ao à aos lhe me te meu minha você vocês eu ele ela eles nós como mais mas já este esta esse essa isso isto muito também quando onde qual quais quem porque sem sobre entre até ser foi tem há gostaria pode posso',
  nl: 'de het een en van ik te dat die in is niet zijn op aan met als voor had er maar om hem dan zou of wat mijn men dit zo door over ze bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu geen iets worden wij we wel wordt kan jij jouw graag waar waarom wie welke hoeveel ben bent',
  sv: 'och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när år säger hon under också efter eller nu sin där vid mot ska skulle kommer ut får finns vara hade alla andra mycket än här då sedan över bara dig mig din mitt min ditt vad hur varför vilken vem du ni',
  da: 'og i at det som en på er af for med til den har de ikke om et han men var jeg sig fra vi så kan når hun også efter eller nu sin der ved mod skal skulle kommer ud får være havde alle andre meget end her da bare dig mig din min mit hvad hvordan hvorfor hvilken hvem du ud hvor blev bliver',
  no: 'og i at det som en på er av for med til den har de ikke om et han men var jeg seg fra vi så kan når hun også etter eller nå sin der ved mot skal skulle kommer ut får være hadde alle andre mye enn her da bare deg meg din min mitt hva hvordan hvorfor hvilken hvem du hvor ble blir dette',
  fi: 'ja on ei se että hän oli olla mutta tai niin kuin kun jos mitä mikä missä miten miksi kuka minä sinä me te he tämä tuo nämä minun sinun hänen joka jotka ovat olen olet voi voit myös vain nyt sitten kanssa ennen jälkeen mukaan vielä jo hyvin paljon kaikki ole eivät',
  pl: 'i w na z do że się nie to jest o jak za po ale co od czy dla tak ten ta te tę tego tej tym są być był była jego jej ich ja ty on ona my wy oni mnie mi ci go już tylko może kiedy gdzie dlaczego który która które przez przed przy pod nad bez oraz lub bardzo mam masz ma jaka jaki jakie proszę chciałbym moje mój',
  cs: 'a v na se je že s z do to o si ale jak za po i by pro od jsem jsi jsou být byl byla jeho její jejich já ty on ona my vy oni mě mi ho už jen může kdy kde proč který která které tento tato toto při pod nad bez nebo velmi mám máš má jaká jaký co prosím tuto můj',
  ro: 'și în de la cu pe un o este e sunt să nu că din pentru care ce mai a al ale ai lui ei lor se am ai au fi fost dar sau dacă când unde cum cine acest această acesta aceasta acestui aceștia foarte doar după prin despre între meu mea tău eu tu el ea noi voi vreau pot poți',
  hu: 'a az és hogy nem is egy ez azt ezt de van volt meg csak már mint vagy ha mi mit ki hol hogyan miért mikor én te ő mi ti ők nekem neked lesz lehet kell nagyon minden még után előtt alatt között szeretném kérem',
  tr: 'bir ve bu da de için ne ile mi mı mu mü çok daha gibi ama var yok o ben sen biz siz onlar benim senin bana sana olan olarak değil en kadar sonra önce her şey nasıl neden nerede hangi kim ki ise veya ya istiyorum olur nedir neresi',
  id: 'yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena tersebut bisa ada mereka lebih kata sudah atau saat oleh menjadi orang kami anda kamu dia apa bagaimana mengapa kapan siapa tolong adalah seperti sebagai bagi',
  vi: 'và của là có không được cho một các những này đó trong với người tôi bạn anh chị em họ chúng ta đã sẽ đang ở từ đến như khi thì mà cũng rất nhiều gì sao ai nào hãy để về ra vào nếu nhưng',
  ru: 'и в не на я что он с как а то это по к но она мы из у за так же от все его ты вы они бы о для только ещё еще уже мне меня когда где кто чем при до или если быть был была было этот эта эти какая какой какие как почему мой моя свой нет да очень можно нужно',
  uk: 'і й та в у не на я що він з як а то це по до але вона ми із за так ж від все його ти ви вони б о для тільки ще вже мені мене коли де хто чим при або якщо бути був була було цей ця ці яка який які чому мій моя свій ні дуже можна треба',
  bg: 'и в не на аз що той с как а то това по към но тя ние из у за така же от всички го ти вие те би о за само още вече ми мен когато къде кой чрез при до или ако да съм е са беше този тази тези каква какъв какви защо моя мой ще се си със във няма никой всеки трябва може имам',
  ar: 'في من على إلى عن أن إن هذا هذه ذلك التي الذي ما لا لم لن كان كانت هو هي أنا أنت نحن هم مع كل بعد قبل أو ثم قد كيف لماذا متى أين هل من غير بين حتى عند و يا لي',
  fa: 'و در به از که این را با است برای آن یک خود تا بر هم نیز می ما من تو او شما آنها بود شد های چه چرا کجا کی چگونه اگر یا هر باید شود کرد کند چیست است',
};

/** Letters that one of these languages has and those beside it hardly. */
export const LETTERS: ReadonlyMap<string, RegExp> = new Map([
  ['de', /ß/],
  ['fr', /œ/],
  ['es', /ñ/],
  ['pt', /[ãõ]/],
  ['sv', /å.*[äö]|[äö].*å/],
  ['da', /æ|ø/],
  ['no', /æ|ø/],
  ['pl', /[ąęłńśźż]/],
  ['cs', /[ěřů]/],
  ['ro', /[țș]/],
  ['hu', /[őű]/],
  ['tr', /[ğı]/],
  ['vi', /[đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/],
  ['ru', /[ыэё]/],
  ['uk', /[іїєґ]/],
  ['ar', /[ةىأإ]/],
  ['fa', /[پچژگیک]/],
]);

/** The languages that are told by their words. */
export const WORD_LANGUAGES: ReadonlySet<string> = new Set(Object.keys(WORDS));

/** Each word with the languages that have it. */
export const FUNCTION_WORDS: ReadonlyMap<string, readonly string[]> = byWord();

function byWord(): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, string[]>();
  for (const [language, text] of Object.entries(WORDS)) {
    for (const word of new Set(text.split(' '))) {
      const speakers = words.get(word);
      if (speakers === undefined) words.set(word, [language]);
      else speakers.push(language);
    }
  }
  return words;
}
