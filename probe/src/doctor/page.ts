/**
 * Where a volunteer reads what a complaint means and what to do, step by step: infra/box/DEPANNAGE.md has a
 * section for each thing that can be complained of. Pure.
 */

/** As the package installs it. TROUBLES.md beside it is the same in English, with the same anchors. */
const PAGE = '/usr/share/doc/presences-probe/DEPANNAGE.md'

/** What checks are about, and the anchors of their sections. */
export const SECTIONS = {
  configuration: 'configuration',
  programs: 'programmes',
  rclone: 'rclone',
  remote: 'stockage',
  network: 'reseau',
  unifi: 'unifi',
  spool: 'dossier',
  disk: 'disque',
  budget: 'place',
  shipping: 'envoi',
  'order of minutes': 'ordre',
  clock: 'horloge',
  'last scan': 'dernier-passage',
} as const

/** The system's programs that are looked for. */
export type ProgramName = 'arp-scan' | 'nmap' | 'ip' | 'ping' | 'rclone'

/** The first words of a line of the report. */
export type Subject =
  | Exclude<keyof typeof SECTIONS, 'programs' | 'network' | 'unifi'>
  | ProgramName
  | `spool ${string}`
  /** A scanner on a network. */
  | `${string} on ${string}`

/** The page and the section on `subject`. */
export function pageOf(subject: Subject): string {
  return `${PAGE}#${SECTIONS[kindOf(subject)]}`
}

function kindOf(subject: Subject): keyof typeof SECTIONS {
  if (isKind(subject)) return subject
  if (subject.startsWith('spool ')) return 'spool'
  if (subject.startsWith('unifi on ')) return 'unifi'
  return subject.includes(' on ') ? 'network' : 'programs'
}

function isKind(subject: string): subject is keyof typeof SECTIONS {
  return Object.hasOwn(SECTIONS, subject)
}
