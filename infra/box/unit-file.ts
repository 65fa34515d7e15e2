/** A unit of systemd's, or a timer, as text: its settings by name. */

export interface UnitFile {
  /** What a setting is set to, each time, in order. */
  all(name: string): readonly string[]
  /** What it is set to last; `undefined` where it is not. */
  last(name: string): string | undefined
  /** The names of its section `[Service]`, each once. */
  readonly service: ReadonlySet<string>
}

/** Reads a unit file. Throws for a line that is no setting, section or comment. */
export function parseUnit(text: string): UnitFile {
  const settings = new Map<string, string[]>()
  const service = new Set<string>()
  let section = ''
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[')) {
      section = line
      continue
    }
    const at = line.indexOf('=')
    if (at < 1) throw new Error(`This is no line of a unit: ${line}`)
    const name = line.slice(0, at)
    settings.set(name, [...(settings.get(name) ?? []), line.slice(at + 1)])
    if (section === '[Service]') service.add(name)
  }
  return {
    all: (name) => settings.get(name) ?? [],
    last: (name) => settings.get(name)?.at(-1),
    service,
  }
}

/** How many seconds a span of a unit is, such as `15min` or `50s`. Throws for one it does not know. */
export function secondsOfSpan(span: string | undefined): number {
  const [, count, unit] = /^(\d+)(s|min|h)$/.exec(span ?? '') ?? []
  if (count === undefined) throw new Error(`This is no span: ${span}`)
  return Number(count) * (unit === 's' ? 1 : unit === 'min' ? 60 : 3600)
}
