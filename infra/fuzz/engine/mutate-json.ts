/** JSON that stays JSON: a value of another kind, a key too many or too few, one that names a prototype. */
import type { Random } from '../../random.ts'
import { DAYS, NUMBERS, PLANTED_MACS } from './fragments.ts'

/** Stands for a text that is put in unquoted: what JSON.stringify would not write. */
const RAW = 'raw:'

/** `text` with one to three changes; as it is when it is no JSON. */
export function mutateJson(text: string, random: Random): string {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return text
  }
  for (let change = random.between(1, 3); change > 0; change -= 1) root = changed(root, random)
  return JSON.stringify(root).replaceAll(/"raw:((?:[^"\\]|\\.)*)"/g, (_, raw: string) =>
    JSON.parse(`"${raw}"`),
  )
}

/** Walks down to a place somewhere, and changes what is there. */
function changed(node: unknown, random: Random): unknown {
  if (typeof node !== 'object' || node === null || random.chance(0.08)) return oddValue(random)
  if (Array.isArray(node)) return changedList(node, random)
  return changedObject(node as Record<string, unknown>, random)
}

function changedList(list: readonly unknown[], random: Random): unknown {
  const at = random.between(0, Math.max(list.length - 1, 0))
  if (list.length > 0 && random.chance(0.7)) return list.with(at, changed(list[at], random))
  const way = random.between(0, 2)
  if (way === 0) return list.toSpliced(at, 1)
  if (way === 1) return list.toSpliced(at, 0, list[at] ?? null)
  return list.toSpliced(at, 0, oddValue(random))
}

function changedObject(node: Record<string, unknown>, random: Random): unknown {
  const entries = Object.entries(node)
  const at = random.between(0, Math.max(entries.length - 1, 0))
  const [key, value] = entries[at] ?? ['', null]
  if (entries.length > 0 && random.chance(0.75)) entries[at] = [key, changed(value, random)]
  else if (random.chance(0.4)) entries.splice(at, 1)
  else if (random.chance(0.5)) entries[at] = [oddKey(random), value]
  else entries.push([oddKey(random), random.chance(0.5) ? value : oddValue(random)])
  return Object.fromEntries(entries)
}

function oddValue(random: Random): unknown {
  const way = random.between(0, 12)
  if (way === 0) return null
  if (way === 1) return random.chance(0.5)
  if (way === 2) return ''
  if (way === 3) return []
  if (way === 4) return {}
  if (way === 5) return RAW + random.pick(['-0', '1e308', '1e999', '-1', '0.5', '9007199254740993'])
  if (way === 6) return random.pick(DAYS)
  if (way === 7)
    return `${random.pick(DAYS)}T${random.pick(['08:12:04Z', '23:59:60Z', '25:00:00+01:00'])}`
  if (way === 8) return random.pick(PLANTED_MACS)
  if (way === 9) return random.pick(NUMBERS)
  if (way === 10) return random.chance(0.1) ? nested(random) : 'é\n\u{2028}\0"\\'
  if (way === 11) return random.chance(0.1) ? 'x'.repeat(random.between(1000, 20_000)) : 'x'
  return random.between(-2, 2000) / (random.chance(0.5) ? 1 : 2)
}

/** Deeper than any stack that goes down by calls. */
function nested(random: Random): string {
  const depth = random.between(100, 12_000)
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ])
  return `${RAW}${open.repeat(depth)}0${close.repeat(depth)}`
}

function oddKey(random: Random): string {
  const names = ['__proto__', 'constructor', 'toString', '', 'version', '0', 'é', 'a.b', 'a\nb']
  return random.pick([...names, ...PLANTED_MACS])
}
