/** The smallest input that still shows a fault: pieces are taken out, large ones first, then single bytes. */

/** Tries so many smaller inputs at most: enough for 64 kB, and soon over. */
const MOST_TRIES = 2_000

/** Takes out of `input` what is not needed for `isFailing`. */
export async function minimise(
  input: Uint8Array,
  isFailing: (smaller: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let smallest = Buffer.from(input)
  let tries = 0
  for (let size = Math.ceil(smallest.length / 2); size >= 1; ) {
    let hasShrunk = false
    for (let at = 0; at < smallest.length && tries < MOST_TRIES; ) {
      const smaller = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)])
      tries += 1
      if (await isFailing(smaller)) {
        smallest = smaller
        hasShrunk = true
      } else {
        at += size
      }
    }
    // Once more with the same size as long as that takes something out.
    if (!hasShrunk || size > smallest.length) size = size === 1 ? 0 : Math.ceil(size / 2)
    if (tries >= MOST_TRIES) break
  }
  return smallest
}
