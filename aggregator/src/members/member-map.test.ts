import { LIMITS, type Mac, macFromBits, parseMac } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isExcluded, MemberMapRefused, parseMemberMap } from './member-map.ts'

const ANA_MAC = 'AA:AA:AA:AA:AA:01'
const MAC = 'AA:BB:CC:DD:EE:FF' as Mac
const ANA_ROW = `${ANA_MAC}\tana@example.org\tAna\tMartin`
const ANA = { email: 'ana@example.org', firstName: 'Ana', lastName: 'Martin' }

/** A map of Ana's row and the given ones. */
const withAna = (...rows: string[]) => parseMemberMap([ANA_ROW, ...rows].join('\n'))

describe('a good row', () => {
  test.each([
    ['as the server sends it', ANA_ROW],
    ['lower case', ANA_ROW.replace(ANA_MAC, ANA_MAC.toLowerCase())],
    ['dashes', ANA_ROW.replace(ANA_MAC, ANA_MAC.replaceAll(':', '-'))],
    ['spaces about the MAC', ANA_ROW.replace(ANA_MAC, ` ${ANA_MAC} `)],
    ['nothing between', ANA_ROW.replace(ANA_MAC, ANA_MAC.replaceAll(':', ''))],
    ['CRLF', `${ANA_ROW}\r\n`],
    ['a line feed at the end', `${ANA_ROW}\n`],
    ['a byte order mark', `\u{FEFF}${ANA_ROW}`],
    ['the same row twice', `${ANA_ROW}\n${ANA_ROW}`],
  ])('%s', (_, text) => {
    const { devices, uncharged, faults } = parseMemberMap(text)
    expect([...devices]).toEqual([[ANA_MAC, ANA]])
    expect({ uncharged: uncharged.size, faults }).toEqual({ uncharged: 0, faults: [] })
  })

  test.each([
    'bob+desk@example.org',
    'cleo2000@example.org',
    'Dora.Mixed@Example.org',
    ' spaces@example.org ',
    'not-an-address',
  ])('keeps the e-mail "%s" as typed', (email) => {
    const { devices, faults } = parseMemberMap(`${MAC}\t${email}\tA\tB`)
    expect(devices.get(MAC)?.email).toBe(email)
    expect(faults).toEqual([])
  })

  test('may lack both names', () => {
    const { devices } = parseMemberMap(`${MAC}\tana@example.org\t\t`)
    expect(devices.get(MAC)).toEqual({ ...ANA, firstName: '', lastName: '' })
  })
})

describe('a bad row costs itself only, and is reported', () => {
  test.each([
    ['AA:BB:CC:DD:EE\tb@example.org\tB\tB', 'no MAC address in the first column'],
    ['\tb@example.org\tB\tB', 'no MAC address in the first column'],
    ['', 'the row is empty'],
    ['Maria\tMartin', 'no MAC address in the first column (the rest of a name with a line break'],
  ])('%j', (row, reason) => {
    const { devices, uncharged, rows, faults } = withAna(row, `${MAC}\tc@example.org\tC\tC`)
    expect([...devices.keys()]).toEqual([ANA_MAC, MAC])
    expect({ uncharged: uncharged.size, rows }).toEqual({ uncharged: 0, rows: 3 })
    expect(faults).toEqual([{ row: 2, reason: expect.stringContaining(reason) }])
  })

  test.each([
    ['a tab in a name', `${MAC}\tb@example.org\tJean\tPaul\tB`, 'Paul B'],
    ['a line break in a name', `${MAC}\tb@example.org\tJean`, ''],
  ])('%s: still charged', (_, row, lastName) => {
    const { devices, faults } = withAna(row)
    expect(devices.get(MAC)).toEqual({ email: 'b@example.org', firstName: 'Jean', lastName })
    expect(faults).toEqual([
      {
        row: 2,
        reason: `${row.split('\t').length} columns instead of 4 (a tab or a line break in a name?); device AA:BB:…:FF is charged to b@example.org all the same`,
      },
    ])
  })

  test.each([
    ['no e-mail column at all', MAC, 'noEmail'],
    ['a name where the e-mail should be', `${MAC}\tJean\tB`, 'unreadableEmail'],
  ])('%s: charges nobody', (_, row, why) => {
    const { devices, uncharged, faults } = withAna(row)
    expect(devices.has(MAC)).toBe(false)
    expect(uncharged.get(MAC)?.why).toBe(why)
    expect(faults[0]).toEqual({ row: 2, reason: expect.stringContaining('is charged to nobody') })
  })
})

describe('nobody is charged', () => {
  test.each(['', ' '])('for a member without e-mail (%j), whose name is kept', (email) => {
    const { devices, uncharged, faults } = withAna(`${MAC}\t${email}\tEve\tNomail`)
    const eve = { email, firstName: 'Eve', lastName: 'Nomail' }
    expect(devices.has(MAC)).toBe(false)
    expect(uncharged.get(MAC)).toEqual({ why: 'noEmail', members: [eve] })
    expect(faults).toEqual([
      { row: 2, reason: expect.stringMatching(/^Eve Nomail has no e-mail: .* AA:BB:…:FF/) },
    ])
  })

  test('for an e-mail that was not UTF-8', () => {
    const { uncharged, faults } = withAna(`${MAC}\tzo\u{FFFD}@example.org\tZoé\tB`)
    expect(uncharged.get(MAC)?.why).toBe('unreadableEmail')
    expect(faults).toEqual([{ row: 2, reason: expect.stringContaining('not UTF-8') }])
  })

  test('for a device given to two members, whatever the order', () => {
    const bob = `${ANA_MAC}\tbob@example.org\tBob\tB`
    for (const map of [withAna(bob), parseMemberMap(`${bob}\n${ANA_ROW}`)]) {
      expect(map.devices.size).toBe(0)
      expect(map.uncharged.get(ANA_MAC as Mac)?.why).toBe('ambiguous')
      expect(map.uncharged.get(ANA_MAC as Mac)?.members).toHaveLength(2)
      const [fault] = map.faults
      expect(fault?.row).toBe(2)
      expect(fault?.reason).toContain('ana@example.org')
      expect(fault?.reason).toContain('bob@example.org')
    }
  })

  test('for a device given to the space and to a member, in any order', () => {
    const space = `${ANA_MAC}\tspace@example.org\tCoworking\tMetz`
    for (const map of [withAna(space), parseMemberMap(`${space}\n${ANA_ROW}`)]) {
      expect(map.uncharged.get(ANA_MAC as Mac)?.why).toBe('ambiguous')
    }
  })

  test('for any device, while each has two members or no e-mail: the map is not refused', () => {
    const map = withAna(`${ANA_MAC}\tbob@example.org\tBob\tB`, `${MAC}\t\tEve\tNomail`)
    expect([map.devices.size, map.uncharged.size]).toEqual([0, 2])
    expect(map.faults.map(({ row }) => row)).toEqual([2, 3])
  })

  test('faults are told in the order of their rows', () => {
    const { faults } = withAna(`${MAC}\t\tEve\tNomail`, 'x')
    expect(faults.map(({ row }) => row)).toEqual([2, 3])
  })

  test('not even when one of the two has no e-mail', () => {
    const { devices, uncharged } = withAna(`${ANA_MAC}\t\tEve\tNomail`)
    expect(devices.size).toBe(0)
    expect(uncharged.get(ANA_MAC as Mac)?.why).toBe('ambiguous')
  })

  test.each([
    [`${MAC}\tspace@example.org\tCoworking\tMetz`, true],
    [`${MAC}\tspace@example.org\tRouter\t cOWORKING `, true],
    [`${MAC}\t\tCoworking\t`, true],
    [`${MAC}\tspace@example.org\tCoworkings\tMetz`, false],
    [`${MAC}\tcoworking@example.org\tAnne\tCoworking-Petit`, false],
  ])("for the space's own devices: %j %s", (row, excluded) => {
    const { uncharged, faults } = withAna(row)
    expect(uncharged.get(MAC)?.why === 'excluded').toBe(excluded)
    expect(faults).toEqual([])
  })

  // One letter may be written in two ways: as one character, or as a letter and its accent.
  test.each([
    ['\u00c9COLE', '\u00c9cole'],
    ['E\u0301COLE', '\u00c9cole'],
    ['\u00e9cole', 'E\u0301cole'],
    ['e\u0301cole', 'e\u0301COLE'],
  ])('for other names when so configured: %s as %s', (firstName, name) => {
    const row = `${MAC}\tspace@example.org\t${firstName}\tMetz`
    const map = parseMemberMap(`${ANA_ROW}\n${row}`, { excludedNames: [name] })
    expect(map.uncharged.get(MAC)?.why).toBe('excluded')
    expect(isExcluded(ANA, [name])).toBe(false)
  })

  test.each([
    ['the same e-mail twice', 'rene@example.org', 'rene@example.org', undefined],
    ['e-mails in another case', 'rene@example.org', 'Rene@example.org', 'ambiguous'],
    ['e-mails in another Unicode form', 'ren\u00e9@x.org', 'rene\u0301@x.org', 'ambiguous'],
    ['e-mails with another space', 'rene@x.org', 'rene@x.org ', 'ambiguous'],
  ])('for a device that two rows give to %s', (_, one, other, why) => {
    const { devices, uncharged } = withAna(`${MAC}\t${one}\tA\tB`, `${MAC}\t${other}\tA\tB`)
    expect(uncharged.get(MAC)?.why).toBe(why)
    expect(devices.get(MAC)?.email).toBe(why ? undefined : one)
  })
})

describe('is refused', () => {
  const json = JSON.stringify([{ mac: ANA_MAC, email: 'ana@example.org' }], null, 2)
  test.each([
    ['nothing', '', 'is empty'],
    ['white space', ' \r\n\n', 'is empty'],
    ['a page', '<!DOCTYPE html>\n<html>\n<body>Sign in</body>\n</html>', 'HTML'],
    ['JSON', json, 'JSON'],
    ['binary', '\u{0}\u{1f}\u{8b}\u{FFFD}\n\u{FFFD}\t', '2 of 2 rows'],
    ['two rows of three', `${ANA_ROW}\nx\ny`, '2 of 3 rows'],
    ['another column order', `ana@example.org\t${ANA_MAC}\tAna\tMartin`, '1 of 1 rows'],
    ['names without e-mails', `${MAC}\tAna\tMartin`, '1 of 1 rows'],
    ['e-mails that are all empty', `${MAC}\t\tAna\tMartin`, 'no e-mail in any row'],
  ])('%s', (_, text, reason) => {
    expect(() => parseMemberMap(text)).toThrow(MemberMapRefused)
    expect(() => parseMemberMap(text)).toThrow(reason)
  })

  test('but not when half of it can be read', () => {
    expect(withAna('x').devices.size).toBe(1)
  })
})

const name = fc
  .string({ unit: 'grapheme' })
  .map((text) => text.replaceAll(/[\t\r\n\u{FEFF}]/gu, ''))
const email = fc
  .tuple(fc.stringMatching(/^[a-zA-Z0-9+.%']{1,12}$/), fc.domain())
  .map(([user, domain]) => `${user}@${domain}`)
const rows = fc.uniqueArray(
  fc.record({ bits: fc.nat(2 ** 31 - 1), email, firstName: name, lastName: name }),
  { selector: ({ bits }) => bits, minLength: 1 },
)

test('any map of good rows parses back, in any order', () => {
  fc.assert(
    fc.property(rows, (made) => {
      const text = made
        .map((row) => [macFromBits(row.bits), row.email, row.firstName, row.lastName].join('\t'))
        .join('\n')
      const { devices, faults } = parseMemberMap(text, { excludedNames: [] })
      expect(faults).toEqual([])
      expect([...devices]).toEqual(made.map(({ bits, ...member }) => [macFromBits(bits), member]))
    }),
  )
})

test('any text is a map or is refused; nothing is lost in silence, no whole MAC told', () => {
  const cell = fc.oneof(fc.constantFrom(ANA_MAC, MAC, '', 'a@b.c', 'Coworking'), fc.string())
  const row = fc.array(cell, { maxLength: 6 }).map((cells) => cells.join('\t'))
  const lines = fc.array(row).map((made) => made.join('\n'))
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    lines,
    lines.map((made) => withRow(made)),
  )
  fc.assert(
    fc.property(text, (given) => {
      let map: ReturnType<typeof parseMemberMap>
      try {
        map = parseMemberMap(given)
      } catch (error) {
        expect(error).toBeInstanceOf(MemberMapRefused)
        expect((error as Error).message).not.toMatch(/[\r\n]/)
        return
      }
      const faulty = new Set(map.faults.map((fault) => fault.row))
      for (const [index, line] of given
        .replace(/^\u{FEFF}/u, '')
        .split(/\r?\n/)
        .entries()) {
        const mac = parseMac(line.split('\t')[0]?.trim() ?? '')
        if (mac) expect(map.devices.has(mac) !== map.uncharged.has(mac)).toBe(true)
        else if (index < map.rows) expect(faulty.has(index + 1)).toBe(true)
      }
      for (const { reason } of map.faults) {
        expect(reason).not.toMatch(/[\r\n]/)
        expect(reason).not.toContain(MAC)
      }
    }),
  )
})

function withRow(text: string): string {
  return `${`${ANA_ROW}\n`.repeat(5)}${text}`
}

test('a map of more rows than a space can have is refused', () => {
  const rows = 'x\n'.repeat(LIMITS.ticketListRows + 1)
  expect(() => parseMemberMap(rows)).toThrow(/^The member map has 50001 rows/)
})
