/**
 * The member map: who is charged for which device, and for which devices nobody is. A map that can't
 * be trusted is refused whole, since an empty one would charge nobody in silence. It says nothing of
 * the past: the ticket server's answer is always today's.
 */
import { LIMITS, type Mac, oneLine, shortMac } from '@presences/shared'
import type { WhyUncharged } from '../domain/ownership.ts'
import { type DeviceRow, type Member, readRow } from './member-map-row.ts'

export type { Member } from './member-map-row.ts'

/** A device on the map for which nobody is charged. `members`: at least one; all who claim it. */
interface UnchargedDevice {
  readonly why: WhyUncharged
  readonly members: readonly Member[]
}

/** What is wrong with a row. `row` counts from 1; `reason` is one line and holds no whole MAC. */
interface RowFault {
  readonly row: number
  readonly reason: string
}

/** The map as read: each device that has a MAC is in exactly one of `devices` and `uncharged`. */
export interface MemberMap {
  /** Devices that charge: their member's e-mail can be posted as it is. */
  readonly devices: ReadonlyMap<Mac, Member>
  readonly uncharged: ReadonlyMap<Mac, UnchargedDevice>
  readonly rows: number
  /** In order of rows. Never silent: whoever computes amounts from this map reports them. */
  readonly faults: readonly RowFault[]
}

export interface MemberMapOptions {
  /** `EXCLUDED_NAMES`. Default: `Coworking`. */
  readonly excludedNames?: readonly string[]
}

/** The member map can't be used. The message is one line: what is wrong, and what to do. */
export class MemberMapRefused extends Error {
  override readonly name = 'MemberMapRefused'
}

const DEFAULT_EXCLUDED_NAMES: readonly string[] = ['Coworking']

/** True when the first or last name is exactly one of `names`, in any case (design, section 3, rule 4). */
export function isExcluded(member: Member, names: readonly string[]): boolean {
  const folded = new Set(names.map(fold))
  return folded.has(fold(member.firstName)) || folded.has(fold(member.lastName))
}

/**
 * Reads the text of `POST /api/mac`: tab separated, no header; LF or CRLF. Throws MemberMapRefused when
 * it is empty or has too many rows, when more than half of them are unreadable, or when no row has an e-mail. Any
 * other fault costs its row only, and is in `faults`.
 */
export function parseMemberMap(text: string, options: MemberMapOptions = {}): MemberMap {
  const excludedNames = options.excludedNames ?? DEFAULT_EXCLUDED_NAMES
  const rows = splitRows(text)
  if (rows.length > LIMITS.ticketListRows) {
    throw new MemberMapRefused(
      `The member map has ${rows.length} rows, and no space has more than ${LIMITS.ticketListRows} devices: look at the ticket server. Nobody was charged.`,
    )
  }
  const faults: RowFault[] = []
  const claims = new Map<Mac, Claims>()
  let unreadable = 0
  for (const [index, rowText] of rows.entries()) {
    const row = index + 1
    const { device, fault } = readRow(rowText)
    if (fault !== undefined) faults.push({ row, reason: fault })
    if (device === undefined || device.email === 'unreadable') unreadable += 1
    if (device) addClaim(claims, { ...device, row })
  }
  refuseUnreadable(text, rows.length, unreadable)

  const devices = new Map<Mac, Member>()
  const uncharged = new Map<Mac, UnchargedDevice>()
  for (const [mac, claimed] of claims) {
    const verdict = judge(claimed, excludedNames)
    if (verdict.why === undefined) devices.set(mac, claimed[0].member)
    else uncharged.set(mac, { why: verdict.why, members: verdict.members })
    if (verdict.fault) faults.push(verdict.fault)
  }
  if (devices.size === 0) refuseWithoutEmails(uncharged)
  faults.sort((a, b) => a.row - b.row)
  return { devices, uncharged, rows: rows.length, faults }
}

/** What one row says of one device. */
interface Claim extends DeviceRow {
  readonly row: number
}

type Claims = [Claim, ...Claim[]]

interface Verdict {
  readonly why?: WhyUncharged
  readonly members: readonly Member[]
  readonly fault?: RowFault
}

function splitRows(text: string): string[] {
  const rows = text.replace(/^\u{FEFF}/u, '').split(/\r?\n/)
  if (rows.at(-1) === '') rows.pop()
  return rows
}

function addClaim(claims: Map<Mac, Claims>, claim: Claim): void {
  const known = claims.get(claim.mac)
  if (known) known.push(claim)
  else claims.set(claim.mac, [claim])
}

/** The same row twice is one claim: only another e-mail makes another owner. */
function judge(claims: Claims, excludedNames: readonly string[]): Verdict {
  const [first] = claims
  const owners = [...new Map(claims.map((claim) => [claim.member.email, claim])).values()]
  const members = owners.map((owner) => owner.member)
  if (claims.every((claim) => isExcluded(claim.member, excludedNames))) {
    return { why: 'excluded', members }
  }
  const last = owners.at(-1) ?? first
  if (owners.length > 1) {
    const names = members.map(nameOf).join(' and ')
    return {
      why: 'ambiguous',
      members,
      fault: {
        row: last.row,
        reason: `device ${shortMac(first.mac)} is given to ${names}: nobody is charged for it until one of them is removed at the ticket server`,
      },
    }
  }
  if (first.email === 'unreadable') return { why: 'unreadableEmail', members }
  if (first.email === 'good') return { members }
  const reason = `${nameOf(first.member)} has no e-mail: nobody is charged for device ${shortMac(first.mac)} until it is added at the ticket server`
  return { why: 'noEmail', members, fault: { row: first.row, reason } }
}

function nameOf({ email, firstName, lastName }: Member): string {
  const name = `${firstName} ${lastName}`.trim()
  return oneLine(email.trim() || name || 'a member without e-mail and name')
}

function fold(name: string): string {
  return name.trim().normalize('NFC').toLowerCase()
}

function refuseUnreadable(text: string, rows: number, unreadable: number): void {
  if (text.trim() === '') {
    throw new MemberMapRefused(
      "The member map is empty: nobody could be charged; check the ticket server's list of devices, then run again",
    )
  }
  if (unreadable * 2 > rows) {
    throw new MemberMapRefused(
      `The member map can't be read: ${unreadable} of ${rows} rows are not "MAC, e-mail, first name, last name"${looks(text)}; check TICKET_BACKEND_URL and what answers there`,
    )
  }
}

function refuseWithoutEmails(uncharged: ReadonlyMap<Mac, UnchargedDevice>): void {
  const whys = new Set([...uncharged.values()].map((device) => device.why))
  if (whys.has('ambiguous') || !whys.has('noEmail')) return
  throw new MemberMapRefused(
    'The member map has no e-mail in any row: nobody could be charged; check the members at the ticket server, then run again',
  )
}

function looks(text: string): string {
  const start = text.trimStart()
  if (start.startsWith('<')) return ' (it looks like an HTML page)'
  return /^[{[]/.test(start) ? ' (it looks like JSON)' : ''
}
