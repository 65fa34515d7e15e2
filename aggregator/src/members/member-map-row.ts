/**
 * One row of the member map: `MAC<TAB>e-mail<TAB>first name<TAB>last name`, without any quoting, so
 * that a tab or a line break in a name breaks the row. Decides what of a row can be trusted.
 */
import { type Mac, oneLine, parseMac, shortMac } from '@presences/shared'

/** A member as the ticket server has it. `email` exactly as typed: the server matches it exactly. */
export interface Member {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
}

/** What a row says of its device. `email`: whether somebody can be charged by it. */
export interface DeviceRow {
  readonly mac: Mac
  readonly member: Member
  readonly email: 'good' | 'empty' | 'unreadable'
}

/** A row as read: a device, a fault (one line, no whole MAC), or both. */
export interface RowRead {
  readonly device?: DeviceRow
  readonly fault?: string
}

const COLUMNS = 4
/** What a decoder leaves where bytes were not UTF-8: the true letter is lost. */
const REPLACEMENT = '\u{FFFD}'
/** Asked of an e-mail only where the columns are in doubt; elsewhere whatever was typed is taken. */
const LOOKS_LIKE_EMAIL = /^[^\s@]+@[^\s@]+$/

/** Reads one row, given without its line end. Never throws. */
export function readRow(row: string): RowRead {
  const cells = row.split('\t')
  const [macText = '', email = '', firstName = '', ...rest] = cells
  const mac = parseMac(macText.trim())
  if (mac === undefined) return { fault: faultWithoutMac(row, cells.length) }
  const whole = cells.length === COLUMNS
  const device: DeviceRow = {
    mac,
    member: { email, firstName, lastName: rest.join(' ') },
    email: judgeEmail(email, whole),
  }
  const fault = faultOf(device, cells.length)
  return fault === undefined ? { device } : { device, fault }
}

function judgeEmail(email: string, wholeRow: boolean): DeviceRow['email'] {
  if (email.trim() === '') return 'empty'
  if (email.includes(REPLACEMENT)) return 'unreadable'
  return wholeRow || LOOKS_LIKE_EMAIL.test(email) ? 'good' : 'unreadable'
}

function faultWithoutMac(row: string, columns: number): string {
  if (row.trim() === '') return 'the row is empty'
  const broken = columns < COLUMNS ? ' (the rest of a name with a line break in it?)' : ''
  return `no MAC address in the first column${broken}`
}

function faultOf(device: DeviceRow, columns: number): string | undefined {
  const name = shortMac(device.mac)
  if (columns !== COLUMNS) {
    const charged =
      device.email === 'good'
        ? `is charged to ${oneLine(device.member.email)} all the same`
        : 'is charged to nobody: its e-mail is missing or in doubt'
    return `${columns} columns instead of ${COLUMNS} (a tab or a line break in a name?); device ${name} ${charged}`
  }
  if (device.email === 'unreadable') {
    return `the e-mail of device ${name} has a character that was not UTF-8: nobody is charged for it`
  }
  return undefined
}
