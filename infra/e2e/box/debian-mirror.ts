/**
 * Where this system's own apt has Debian from. A Debian for tests comes from the same place, by the same keys
 * and proxies: what reaches one reaches the other.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface DebianMirror {
  /** What a list of sources for another release says: one entry, in the system's own style. */
  readonly source: string
  /** Apt's settings for the way to it, a line each. */
  readonly settings: readonly string[]
}

/** An archive as apt knows it: `file` says where it stands. */
export interface AptTarget {
  readonly uri: string
  readonly release: string
  readonly file: string
}

const run = promisify(execFile)
const FORMAT = '$(REPO_URI)\t$(RELEASE)\t$(SOURCESENTRY)'
/** What Debian says of its main archive, which neither its security updates nor other people's archives say. */
const FILTERS = ['Created-By: Packages', 'Component: main', 'Origin: Debian', 'Label: Debian']
/** Proxies, certificates, patience, and what a mirror of the past needs: not what is fetched, nor how it is kept. */
const WAY = /^Acquire::(?:https?|Check-[\w-]+|Max-ValidTime|ForceIPv[46]|Retries)(?:::\S+)? ".+";$/

/** The mirror, for the release `suite`. Throws with what to do when apt knows none. */
export async function debianMirror(suite: string): Promise<DebianMirror> {
  const target = mainArchive(
    await aptSays('apt-get', ['indextargets', '--format', FORMAT, ...FILTERS]),
  )
  if (!target) {
    throw new Error(
      "apt knows no mirror of Debian's main archive. To do: sudo apt-get update; on a system that is not Debian, this can't be done",
    )
  }
  const source = sourceFor(suite, target, await readFile(target.file, 'utf8'))
  if (source === undefined)
    throw new Error(`${target.file} has no entry for ${target.uri} that can be read`)
  const settings = await aptSays('apt-config', ['dump', 'Acquire'])
  return { source, settings: settings.filter((line) => WAY.test(line)) }
}

/** Of the lines that apt has for Debian's archives, the release itself: not what is updated or proposed for it. */
export function mainArchive(lines: readonly string[]): AptTarget | undefined {
  const targets = lines.map((line) => {
    const [uri = '', release = '', entry = ''] = line.split('\t')
    return { uri, release, file: entry.replace(/:\d+$/, '') }
  })
  return targets.find(({ release }) => !release.includes('-'))
}

/**
 * The entry of `target` in the text of its file, for the packages of `suite`'s main component: with its keys,
 * and whatever else it says, as they are. `undefined` when there is none.
 */
export function sourceFor(suite: string, target: AptTarget, text: string): string | undefined {
  return target.file.endsWith('.sources')
    ? stanzaFor(suite, target, text)
    : lineFor(suite, target, text)
}

function stanzaFor(suite: string, { uri, release }: AptTarget, text: string): string | undefined {
  for (const stanza of text.replaceAll(/^#.*\n/gm, '').split(/\n(?:[ \t]*\n)+/)) {
    const fields = new Map(
      stanza
        .trim()
        .split(/\n(?=\S)/)
        .map((field) => {
          const colon = field.indexOf(':')
          return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
        }),
    )
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/)
    if (!words('uris').some((each) => isSame(each, uri)) || !words('suites').includes(release))
      continue
    fields.set('types', 'deb').set('suites', suite).set('components', 'main')
    return [...fields].map(([name, value]) => `${name}: ${value}\n`).join('')
  }
  return undefined
}

function lineFor(suite: string, { uri, release }: AptTarget, text: string): string | undefined {
  for (const [, options = '', where = '', what] of text.matchAll(
    /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/gm,
  )) {
    if (isSame(where, uri) && what === release) return `deb ${options}${where} ${suite} main\n`
  }
  return undefined
}

/** Apt ends each address with a slash, and writes `file:///` as `file:/`. */
function isSame(written: string, uri: string): boolean {
  const plain = (text: string) => text.replace(/\/+$/, '').replace(':///', ':/')
  return plain(written) === plain(uri)
}

async function aptSays(program: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await run(program, args)
  return stdout.split('\n').filter(Boolean)
}
