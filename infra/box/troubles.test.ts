/**
 * The pages for volunteers against the program: a section for each thing it can complain of, each of its
 * complaints named, and none that it does not make.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run as runProbe, systemEffects } from '@presences/probe/cli.ts'
import { SECTIONS } from '@presences/probe/doctor/page.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Words, wordsOf } from './complaints.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGES = ['DEPANNAGE.md', 'TROUBLES.md'] as const
/** What is no subject of the program's: a box that says nothing, and how to make it speak. */
const WITHOUT_SUBJECT = ['sonde-muette', 'interroger']

/** Of each source, by its path. */
let words: Map<string, Words>
let pages: Record<(typeof PAGES)[number], Section[]>

beforeAll(async () => {
  words = new Map([
    ...(await wordsBelow('probe/src')),
    ...(await wordsBelow('aggregator/src/probes')),
  ])
  const [french = '', english = ''] = await Promise.all(PAGES.map(pageText))
  pages = { 'DEPANNAGE.md': sectionsOf(french), 'TROUBLES.md': sectionsOf(english) }
})

describe.each(PAGES)('%s', (name) => {
  test('has a section for each thing that can be complained of, and no other', () => {
    const anchors = pages[name].map(({ anchor }) => anchor)
    expect(new Set(anchors)).toEqual(new Set([...WITHOUT_SUBJECT, ...Object.values(SECTIONS)]))
    expect(anchors).toHaveLength(new Set(anchors).size)
  })

  test('names each subject in the heading of its section, as it is printed', () => {
    const headings = new Map(pages[name].map(({ anchor, heading }) => [anchor, heading]))
    for (const [subject, anchor] of Object.entries(SECTIONS)) {
      for (const words of PRINTED[subject] ?? [subject]) {
        expect(headings.get(anchor)).toContain(`\`${words}\``)
      }
    }
  })

  test('says in each section what is seen, what it means, what to do, whom to call', () => {
    for (const { anchor, text } of pages[name]) {
      if (anchor === 'interroger') continue
      const labels = [...text.matchAll(/^\*\*([^*:]+?)(?: :|:)?\*\*/gm)].map(([, label]) => label)
      expect(labels, anchor).toEqual(LABELS[name])
    }
  })

  test('quotes only what the program says', () => {
    const said = [...words.values()].flatMap((each) => each.said).join('\n')
    for (const { anchor, quotes } of pages[name]) {
      if (anchor !== 'interroger') expect(quotes.length, anchor).toBeGreaterThan(0)
      for (const quote of quotes) {
        const parts = quote.split('…').map((part) => part.trim())
        expect(parts.join('').length, quote).toBeGreaterThan(2)
        for (const part of parts) expect(said, `${anchor}: ${quote}`).toContain(part)
      }
    }
  })

  test('leads only to sections there are', () => {
    const anchors = pages[name].map(({ anchor }) => anchor)
    for (const { text } of pages[name]) {
      for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor)
    }
  })

  test.each(Object.entries(COMPLAINTS_OF))(
    'names each complaint of %s where it belongs',
    (part, anchors) => {
      const complaints = [...words]
        .filter(([path]) => path.startsWith(`probe/src/${part}`))
        .flatMap(([, each]) => each.complaints)
      // Should they be written otherwise one day, this test must not pass for want of any.
      expect(complaints.length).toBeGreaterThan(0)
      const quotes = pages[name]
        .filter(({ anchor }) => anchors === ANY || anchors.includes(anchor))
        .flatMap((section) => section.quotes)
      const isQuoted = (complaint: string) =>
        quotes.some((quote) => patternOf(quote).test(complaint))
      expect(complaints.filter((complaint) => !isQuoted(complaint))).toEqual([])
    },
  )

  test('has the commands of the program', async () => {
    const lines: string[] = []
    await runProbe(['--help'], { ...systemEffects(), out: (line) => void lines.push(line) })
    const named = [...(await pageText(name)).matchAll(/sudo presences-probe ([a-z]+)/g)]
    for (const [, command = ''] of named) expect(lines.join('')).toMatch(`\n  ${command} `)
    expect(named.length).toBeGreaterThan(0)
  })
})

test('both pages quote the same in the same order', () => {
  const outline = (sections: readonly Section[]) =>
    sections.map(({ anchor, quotes, steps }) => ({ anchor, quotes, steps }))
  expect(outline(pages['TROUBLES.md'])).toEqual(outline(pages['DEPANNAGE.md']))
})

const ANY = 'any'
/** By the beginning of a source's path, the sections that its complaints belong to. */
const COMPLAINTS_OF: Readonly<Record<string, readonly string[] | typeof ANY>> = {
  'doctor/': ANY,
  'scan/arp-scan': ['reseau'],
  'scan/interface': ['reseau'],
  'scan/n': ['reseau'],
  'scan/': ['reseau', 'unifi'],
  'scan/unifi': ['unifi'],
  clock: ['horloge'],
  'spool/disk-failure': ['dossier'],
  'ship/': ['envoi'],
}

/** The first words of a line where they are not the subject's own. */
const PRINTED: Readonly<Record<string, readonly string[]>> = {
  programs: ['arp-scan', 'nmap', 'ip', 'ping'],
  network: ['arp-scan on …', 'nmap on …', 'neighbours on …'],
  unifi: ['unifi on …'],
}

const LABELS = {
  'DEPANNAGE.md': ['Vous voyez', 'Pour les membres', 'À faire', 'Appelez'],
  'TROUBLES.md': ['You see', 'For members', 'To do', 'Call'],
} as const

interface Section {
  readonly anchor: string
  readonly heading: string
  readonly text: string
  /** What is said to be seen: in the paragraph of that name, and at the start of points. `…` stands for anything. */
  readonly quotes: readonly string[]
  readonly steps: number
}

function sectionsOf(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [heading = ''] = text.split('\n')
      const [, anchor = ''] = /<a id="([a-z-]+)"><\/a>$/.exec(heading) ?? []
      const seen = /^\*\*(?:Vous voyez|You see)[\s\S]*?\n\n/m.exec(text)?.[0] ?? ''
      const points = [...text.matchAll(/^- ((?:`[^`]+`(?:,\s+)?)+)/gm)].map(([, spans]) => spans)
      const quotes = [...`${seen} ${points.join(' ')}`.matchAll(/`([^`]+)`/g)]
        .map(([, quote = '']) => spaced(quote))
        .filter((quote) => !NO_QUOTES.includes(quote))
      return { anchor, heading, text, quotes, steps: text.match(/^\d+\. /gm)?.length ?? 0 }
    })
}

/** Names of things, and of states, in what is said to be seen. */
const NO_QUOTES = ['status', 'degraded', 'eth0', 'wlan0']

/** What a quote stands for. */
function patternOf(quote: string): RegExp {
  const parts = quote.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(parts.join('.*'))
}

/** The sources of a folder, without tests. */
async function wordsBelow(folder: string): Promise<[path: string, words: Words][]> {
  const names = await readdir(join(ROOT, folder), { recursive: true })
  const paths = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  return Promise.all(
    paths.map(async (path): Promise<[string, Words]> => {
      const own = `${folder}/${path}`
      return [own, wordsOf(own, await readFile(join(ROOT, own), 'utf8'))]
    }),
  )
}

function pageText(name: string): Promise<string> {
  return readFile(join(ROOT, 'infra/box', name), 'utf8')
}

/** A line of a page may end anywhere. */
function spaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
