/**
 * The order of keys: that of their UTF-8 bytes, as S3 lists them. JavaScript compares UTF-16 units,
 * which puts characters beyond U+FFFF (pairs of D800-DFFF) before U+E000-FFFF; UTF-8 puts them after.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates above everything else, the rest in its own order. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
