/** Things that are wrong, as lines for people: what is wrong with many is said once, with how many and the first few. */

export interface Fault {
  /** What is concerned: a key, a name. */
  readonly key: string
  readonly reason: string
}

/** As many are told by name. */
const FEW = 3

/** A line for each; of those that differ in numbers only, one line with the first few of them. */
export function gathered(faults: readonly Fault[]): string[] {
  const alike = new Map<string, Fault[]>()
  for (const fault of faults) {
    const kind = fault.reason.replaceAll(/\d+/g, '0')
    const known = alike.get(kind)
    if (known) known.push(fault)
    else alike.set(kind, [fault])
  }
  return [...alike.values()].flatMap((each) => {
    const [first] = each
    if (each.length <= FEW || !first) return each.map(({ key, reason }) => `${key}: ${reason}`)
    return `${few(each.map(({ key }) => key))}: ${first.reason}`
  })
}

/** `a, b, c and 20 more`. */
export function few(names: readonly string[], most = FEW): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
