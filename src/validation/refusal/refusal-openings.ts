/** How a refusal opens in one language: words of regret that may stand before, then who does not do what. */
interface Wording {
  readonly regret: string;
  readonly core: string;
}

/** What may stand between the regret and the rest. */
const LINK = String.raw`[^.!?\n]{0,40}?[\s,.:;!–—-]*`;
/** Marks of emphasis and the like at the very beginning; what opens with a quotation mark is somebody else's words. */
const LEAD = String.raw`^[\s*_#>-]*`;

/** Who denies, and how; `i` and what follows it. */
const DENIES = String.raw`(?:i'm|i am|i)(?: (?:just|simply|really|absolutely|also))? (?:can(?:'t|not| not)|won't|will not|couldn't|don't feel comfortable|unable to|not (?:able|allowed|permitted|going) to|not (?:comfortable|in a position))`;
const BESIDE = String.raw`(?: (?:to|be able to|in good conscience|ethically|directly|personally|with|really|actually|and won't|and will not|or will not))*,?`;
/** What is denied. What a person may say of anything else (\`see\`, \`find\`, \`recommend\`) is left out. */
const HELP = String.raw`(?:help(?:ing)?(?! but)|assist(?:ing)?|provid(?:e|ing)|fulfill?|comply|complet(?:e|ing) (?:that|this|your)|do(?:ing)? (?:that|this)|generat(?:e|ing)|creat(?:e|ing)|writ(?:e|ing) (?:that|this|content|about|such|a|any|code)|produc(?:e|ing)|engag(?:e|ing)|participat(?:e|ing)|answer(?:ing)? (?:that|this|your|questions)|discuss(?:ing)?|offer(?:ing)? (?:advice|guidance|instructions|medical|legal|financial)|shar(?:e|ing) (?:that|this|information|instructions|personal|private|details|my)|giv(?:e|ing) (?:you )?(?:advice|instructions|medical|legal|financial|guidance|out)|support|process (?:this|that|your)|accommodate|respond to|continue with|go along|disclose|reveal|role-?play|pretend|impersonat(?:e|ing)|reproduc(?:e|ing) copyrighted|diagnos(?:e|ing)|predict|rate people)`;
const ENGLISH: Wording = {
  regret: String.raw`(?:i'm|i am)(?: (?:really|truly|very|so))? (?:sorry|afraid)|(?:my )?(?:sincere )?(?:sorry|apologies)|i (?:sincerely )?apologi[sz]e|unfortunately|regrettably|i (?:understand|appreciate)|thank you for`,
  core: [
    String.raw`(?:(?:but|however|that|and)[\s,]*)?(?:as an? (?:ai|artificial|(?:large )?language|responsible)[^.,\n]{0,60}[\s,]*)?${DENIES}${BESIDE} ${HELP}`,
    String.raw`(?:but )?i (?:must|have to|need to|will have to|'ll have to)(?: \w+ly)? (?:decline|refuse)|i (?:respectfully )?(?:decline|refuse) to`,
    String.raw`(?:that|this)(?: is|'s|isn't| is not| isn't) (?:not )?something i (?:can(?:'t|not)?|won't|am not able to|'m not able to) (?:help|assist|do|provide|discuss)`,
    String.raw`(?:this|that|your) request (?:violates|goes against|is against)|it (?:would be|is) (?:inappropriate|unethical) for me to|my (?:guidelines|instructions|policies|rules) (?:don't|do not) (?:allow|permit)`,
  ].join('|'),
};
const GERMAN: Wording = {
  regret: `(?:es )?tut mir (?:sehr |wirklich )?leid|leider|entschuldig(?:ung|en sie|e)(?: bitte)?|ich bedaue?re|bedauerlicherweise|verzeihung`,
  core: String.raw`(?:(?:aber|doch|dass)[\s,]*)?(?:als (?:ki|sprachmodell|künstliche|verantwortungsvolle)[^.,\n]{0,60}[\s,]*)?(?:(?:(?:dabei|damit|hierbei|da|das|dies|dazu|bei \S+(?: \S+){0,3}|diese\S? \S+) )?(?:kann|darf|möchte|werde|könnte)(?: ich)?|ich (?:kann|darf|möchte|werde|könnte)|ich)(?: [^\s.!?]+){0,7}? (?:nicht|keine?[nrsm]?)(?: [^\s.!?]+){0,5}? (?:helfen|weiterhelfen|unterstützen|beantworten|bereitstellen|geben|erstellen|liefern|anbieten|nachkommen|entsprechen|erfüllen|schreiben|verfassen|generieren|behilflich|mitwirken|kann|darf)(?![\p{L}])|ich bin nicht in der lage|ich muss [^.!?\n]{0,40}ablehnen`,
};
const FRENCH: Wording = {
  regret: `je suis (?:vraiment |sincèrement )?(?:désolée?|navrée?)|désolée?|je m'excuse|toutes mes excuses|malheureusement|je regrette|pardon`,
  core: String.raw`(?:(?:mais|que|cependant)[\s,]*)?(?:en tant qu(?:e |')[^,.\n]{0,60}[\s,]*)?(?:je (?:ne |n')(?:peux|puis|pourrai|saurais|suis)(?: [^\s.!?]+){0,6}? (?:(?:d'|l'|m'|t'|s')?(?:aider|assister|accéder|écrire|offrir)|fournir|répondre|donner|créer|générer|rédiger|satisfaire|traiter|partager|discuter|participer|proposer|produire|faire (?:cela|ça))(?![\p{L}])|il m'est impossible (?:de |d')(?:[^\s.!?]+ ){0,2}?(?:vous |t'|répondre|aider|fournir)|je (?:dois|me vois contrainte? de|préfère) (?:décliner|refuser|ne pas))`,
};
const SPANISH: Wording = {
  regret: `lo (?:siento|lamento)(?: mucho)?|lamento|lamentablemente|desafortunadamente|disculp[ae]|perd[oó]n[ae]?`,
  core: String.raw`(?:(?:pero|que)[\s,]*)?(?:como (?:ia|modelo|asistente|inteligencia|una? )[^,.\n]{0,60}[\s,]*)?(?:no (?:(?:te|le|les|os|lo) )?(?:puedo|podr[ée]|podr[íi]a|me es posible|estoy (?:en condiciones|autorizad[oa]|capacitad[oa]))(?: (?:de|a|para|con))?(?: [^\s.!?]+){0,2}? (?:ayudar|asistir|proporcionar|responder|crear|generar|escribir|ofrecer|brindar|dar|compartir|cumplir|facilitar|participar|continuar|hacer (?:eso|esto)|atender|redactar)(?:te|le|les|os|lo|la|se)*(?![\p{L}])|(?:debo|tengo que) (?:rechazar|declinar|negarme))`,
};
const ITALIAN: Wording = {
  regret: `mi (?:dispiace|spiace)(?: molto)?|(?:sono )?spiacente|purtroppo|mi scuso|scusa(?:mi|te)?`,
  core: String.raw`(?:(?:ma|però|che)[\s,]*)?(?:(?:come|in quanto) [^,.\n]{0,60}[\s,]+)?(?:non (?:(?:ti|vi|le|lo) )?(?:posso|potrò|potrei|sono in grado di|mi è possibile|sono autorizzat[oa] a)(?: [^\s.!?]+){0,2}? (?:aiutar|fornir|rispond|assister|crear|generar|scriver|dar|offrir|condivid|soddisf|esaudir|procedere|fare quest|discuter|partecipar|produr)\p{L}*|devo (?:rifiutar|declinar))`,
};
const PORTUGUESE: Wording = {
  regret: `(?:me )?desculpe?a?|sinto (?:muito|imenso)|lamento|infelizmente|peço desculpas?`,
  core: String.raw`(?:(?:mas|que|porém)[\s,]*)?(?:como (?:ia|um|uma|modelo|assistente)[^,.\n]{0,60}[\s,]*)?(?:não (?:(?:o|a|lhe|te|vos) )?(?:posso|consigo|poderei|poderia|estou (?:apt[oa]|autorizad[oa]|em condições)|sou capaz|me é possível)(?: (?:de|a|para|te|lhe|o))?(?: [^\s.!?]+){0,2}? (?:ajud|fornec|respond|assist|criar|gerar|escrev|dar|oferec|compartilh|partilh|atend|auxili|particip|fazer iss|prestar|redigir)\p{L}*(?:-\p{L}+)?|(?:devo|tenho (?:que|de)) (?:recusar|declinar))`,
};
const CHINESE: Wording = {
  regret: '(?:很|非常|十分)?(?:抱歉|对不起|對不起|不好意思|遗憾|遺憾)',
  core: '[^\\n]{0,24}?(?:(?:我|本人|助手)[^\\n。]{0,6})(?:无法|不能|不可以|没法|無法|没有办法|不会|不便|難以)[^\\n。]{0,16}?(?:帮|協助|协助|提供|回答|满足|滿足|完成|生成|创建|撰写|撰寫|讨论|討論|处理|處理|执行|分享|幫|编写|继续|參與|参与|给出)|(?:作为|作為)[^\\n。]{0,24}?(?:AI|人工智能|人工智慧|语言模型|助手)[^\\n。]{0,12}?(?:无法|不能|無法|不会)',
};
const JAPANESE: Wording = {
  regret:
    '(?:大変|誠に)?(?:申し訳(?:あり|ござい)ません(?:が)?|すみません(?:が)?|恐れ入りますが|恐縮ですが|残念ながら|残念ですが|ごめんなさい)',
  core: '[^\\n]{0,60}?(?:お手伝い|お答え|回答|対応|提供|ご提供|お受け|作成|支援|ご案内|お応え|応じ|生成|執筆)(?:する|いたす|る)?(?:こと)?(?:は|が|を)?(?:できません|出来ません|できかねます|いたしかねます|致しかねます|しかねます|かねます|られません|差し控え|控え|いたしません)',
};

function opening({ regret, core }: Wording): RegExp {
  return new RegExp(`${LEAD}(?:(?:${regret})${LINK})?(?:${core})`, 'iu');
}

/** How refusals open, in English, German, French, Spanish, Italian, Portuguese, Chinese and Japanese. For the beginning of a text. */
export const REFUSAL_OPENINGS: readonly RegExp[] = [
  ENGLISH,
  GERMAN,
  FRENCH,
  SPANISH,
  ITALIAN,
  PORTUGUESE,
  CHINESE,
  JAPANESE,
].map(opening);
