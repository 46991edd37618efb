/** Where a text of Markdown holds code, in back ticks or fences; offsets with `end` excluded. */
export function codeSpans(text: string): readonly { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}
