/**
 * When something became true, and who an address is: devices that change hands while no night runs, members whose e-mail
 * changes, or passes to somebody else, maps that lose devices for a night. By the real commands.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'

const ADA = 'ada@example.org'
const BEA = 'bea@example.org'
const DAN = 'dan@example.org'
const PHONE = 'AA:00:00:00:00:01'
const BEAS = 'BB:00:00:00:00:01'
const DANS = 'DD:00:00:00:00:01'
const NEW = 'CC:00:00:00:00:01'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ADA, firstName: 'Ada', lastName: 'Martin', macs: [PHONE] },
      { email: BEA, firstName: 'Bea', lastName: 'Weber', macs: [BEAS] },
      { email: DAN, firstName: 'Dan', lastName: 'Roux', macs: [DANS] },
    ],
  })
})
afterEach(() => space.close())

const nov = (day: number) => `2026-11-${String(day).padStart(2, '0')}`

/** `mac` seen once in each of `count` slots of a day in November, from `from` o'clock on. */
async function seen(mac: string, day: number, count: number, from = 9, room = mac.slice(0, 2)) {
  const lines = Array.from({ length: count }, (_, slot) => {
    const minute = from * 60 + slot * 10 + 4
    const clock = [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, '0'))
    return `${nov(day)}T${clock.join(':')}:02+01:00\t${mac}\n`
  })
  const location = `room-${room.toLowerCase()}-${from}`
  // All rooms are the space's, however late they get their first file.
  space.env.LOCATIONS = [space.env.LOCATIONS ?? [], location].flat().join(',')
  await space.write(`presences/${location}/${nov(day)}`, lines.join(''))
}

/** It is so late in Paris. */
function at(day: number, clock = '22:15'): void {
  space.clock.now = new Date(`${nov(day)}T${clock}:00+01:00`)
}

/** The job of a day on which Dan looked in, so that no room was silent. */
async function night(day: number) {
  await seen(DANS, day, 1, 20)
  at(day)
  const ran = await space.run('upload')
  return { ...ran, nightly: ran.out.at(-2) ?? '' }
}

/** What the ticket server has for a member on each of the days. */
const stored = (email: string, ...days: number[]) =>
  days.map((day) => space.tickets.state.amount(email, nov(day)) ?? 0)

describe('a device sold while no night ran', () => {
  beforeEach(async () => {
    await night(3)
    for (const day of [4, 5, 6, 7, 8]) await seen(PHONE, day, 6, 9)
    await seen(PHONE, 4, 31, 13)
  })

  test('is the buyer’s from that minute on: the day is shared by what was seen when', async () => {
    at(4, '12:30')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    const { code, nightly } = await night(9)
    expect(stored(ADA, 4, 5, 6, 7, 8)).toEqual([0.5, 0, 0, 0, 0])
    expect(stored(BEA, 4, 5, 6, 7, 8)).toEqual([1, 0.5, 0.5, 0.5, 0.5])
    expect(nightly).toContain('nothing to do')
    expect(code).toBe(0)
  })

  test.each([
    ['before the day’s first sighting', '07:00', [0, 1]],
    ['after its last', '21:00', [1, 0]],
  ])('%s the day is one’s alone', async (_, clock, [adas, beas]) => {
    at(4, clock)
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    await night(9)
    expect([...stored(ADA, 4), ...stored(BEA, 4)]).toEqual([adas, beas])
  })

  test('and sold on, and back, is each one’s on their days', async () => {
    at(4, '07:00')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    at(6, '07:00')
    space.tickets.state.moveDevice(PHONE, BEA, DAN)
    at(8, '07:00')
    space.tickets.state.moveDevice(PHONE, DAN, ADA)
    await night(9)
    expect(stored(BEA, 4, 5, 6, 7, 8)).toEqual([1, 0.5, 0, 0, 0])
    expect(stored(DAN, 4, 5, 6, 7, 8)).toEqual([0, 0, 0.5, 0.5, 0])
    expect(stored(ADA, 4, 5, 6, 7, 8)).toEqual([0, 0, 0, 0, 0.5])
  })

  test('is held where the audit trail can not be read; importing it later charges the buyer', async () => {
    at(4, '07:00')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
    const held = await night(9)
    expect([...stored(ADA, 4, 8), ...stored(BEA, 4, 8)]).toEqual([0, 0, 0, 0])
    expect(held.errors).toContain(`${ADA} or ${BEA} had this device when it changed hands`)
    expect(held.code).toBe(1)

    space.tickets.setFaults(undefined)
    expect((await space.run('members', 'import-audit')).code).toBe(0)
    expect((await night(10)).code).toBe(0)
    expect(stored(BEA, 4, 5, 6, 7, 8)).toEqual([1, 0.5, 0.5, 0.5, 0.5])
    expect(stored(ADA, 4, 5, 6, 7, 8)).toEqual([0, 0, 0, 0, 0])
  })

  test('is held only until the trail can be read: the next night charges the buyer', async () => {
    at(4, '07:00')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
    expect((await night(9)).code).toBe(1)
    space.tickets.setFaults(undefined)
    expect((await night(10)).code).toBe(0)
    expect(stored(BEA, 4, 5, 6, 7, 8)).toEqual([1, 0.5, 0.5, 0.5, 0.5])
  })

  test('is held where the trail is silent on it, and charged from the day of the map on', async () => {
    await seen(PHONE, 9, 6, 9)
    const { members } = space.tickets.state
    for (const member of members) {
      if (member.email === ADA) member.macs = []
      if (member.email === BEA) member.macs = [BEAS, PHONE]
    }
    const { code, nightly } = await night(9)
    expect([...stored(ADA, 4, 8), ...stored(BEA, 4, 8)]).toEqual([0, 0, 0, 0])
    expect(stored(BEA, 9)).toEqual([0.5])
    expect(nightly).toContain('1 person could not be charged')
    expect(code).toBe(1)
  })

  test('or taken from its owner, counts for nobody from then on', async () => {
    at(4, '12:30')
    space.tickets.state.removeDevice(ADA, PHONE)
    const { code } = await night(9)
    expect(stored(ADA, 4, 5)).toEqual([0.5, 0])
    expect(code).toBe(0)
  })

  test('in the evening, after the last night’s map, is the buyer’s from the next day on', async () => {
    at(3, '23:30')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    const { code } = await night(9)
    expect(stored(ADA, 4, 5, 6, 7, 8)).toEqual([0, 0, 0, 0, 0])
    expect(stored(BEA, 4, 5, 6, 7, 8)).toEqual([1, 0.5, 0.5, 0.5, 0.5])
    expect(code).toBe(0)
  })

  test('hours after it had been taken from its owner counts for nobody in between', async () => {
    at(4, '12:30')
    space.tickets.state.removeDevice(ADA, PHONE)
    at(4, '17:00')
    space.tickets.state.addDevice(BEA, PHONE)
    const { code } = await night(9)
    expect([...stored(ADA, 4), ...stored(BEA, 4)]).toEqual([0.5, 0.5])
    expect(code).toBe(0)
  })

  test('and given back days later, is proposed for the rest of the day it was taken', async () => {
    space.env.MEMBER_GRACE_DAYS = '0'
    at(4, '12:30')
    space.tickets.state.removeDevice(ADA, PHONE)
    at(8, '07:00')
    space.tickets.state.addDevice(ADA, PHONE)
    const { errors } = await night(9)
    expect(stored(ADA, 4, 5, 8)).toEqual([0.5, 0, 0.5])
    expect(errors).toContain('Registered late')
    await space.run('reupload', PHONE, '--period', `${nov(4)}..${nov(8)}`)
    expect(stored(ADA, 4, 5, 8)).toEqual([1, 0.5, 0.5])
  })

  test('a preview tells what then is posted', async () => {
    at(4, '12:30')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    at(9)
    const preview = await space.run('presences', nov(5))
    expect(preview.out).toEqual([`${BEA} 0.5`])
  })
})

test('a device sold before the first map is, by the imported trail, shared by what was seen when', async () => {
  await seen(PHONE, 4, 6, 9)
  await seen(PHONE, 4, 31, 13)
  at(4, '12:30')
  space.tickets.state.moveDevice(PHONE, ADA, BEA)
  await night(9)
  expect((await space.run('members', 'import-audit')).code).toBe(0)
  expect((await space.run('presences', nov(4))).out).toEqual([`${ADA} 0.5`, `${BEA} 1.0`])
  await space.run('upload', nov(4))
  expect([...stored(ADA, 4), ...stored(BEA, 4)]).toEqual([0.5, 1])
})

test('a device registered while no night ran is charged from that day on', async () => {
  await night(3)
  for (const day of [4, 5, 6, 7, 8]) await seen(NEW, day, 6)
  at(5, '18:00')
  space.tickets.state.addDevice(ADA, NEW)
  const { code } = await night(9)
  expect(stored(ADA, 4, 5, 6, 7, 8)).toEqual([0, 0.5, 0.5, 0.5, 0.5])
  expect(code).toBe(0)
})

test('the first nights that fail are healed by the first one that works', async () => {
  for (const day of [3, 4, 5]) await seen(PHONE, day, 6)
  await seen(BEAS, 3, 6)
  const down = () => ({ status: 503 })
  space.tickets.setFaults(down)
  expect((await night(3)).code).toBe(3)
  expect((await night(4)).code).toBe(3)
  space.tickets.setFaults(undefined)
  const { code } = await night(5)
  expect(stored(ADA, 3, 4, 5)).toEqual([0.5, 0.5, 0.5])
  expect(stored(BEA, 3)).toEqual([0.5])
  expect(code).toBe(0)
})

describe('a map that loses devices for a night', () => {
  test.each([
    ['and has them again within the grace', 7, 0.5, false],
    ['and has them again later', 1, 0, true],
  ])('%s', async (_, grace, amount, isProposed) => {
    space.env.MEMBER_GRACE_DAYS = String(grace)
    await night(3)
    for (const day of [4, 5]) await seen(PHONE, day, 6)
    const { members } = space.tickets.state
    const ada = members.find(({ email }) => email === ADA)
    if (ada) ada.macs = []
    const lost = await night(4)
    expect(lost.nightly).toContain('1 device vanished from the member list')
    await night(5)
    if (ada) ada.macs = [PHONE]
    const back = await night(6)
    expect(stored(ADA, 4, 5)).toEqual([amount, amount])
    expect(back.nightly.includes('registered late')).toBe(isProposed)
  })
})

describe('an address', () => {
  test('that passed to another person is charged nothing of before: told once', async () => {
    await night(3)
    space.tickets.state.removeMember(ADA)
    await night(4)
    space.tickets.state.addMember({ email: ADA, firstName: 'Eve', lastName: 'Noll', macs: [NEW] })
    await night(5)
    // A late file of the time when it was Ada's.
    await seen(PHONE, 3, 31)
    const first = await night(6)
    expect(space.tickets.posts.filter(({ email }) => email === ADA)).toEqual([])
    expect(first.nightly).toContain('1 person no member any more, nobody to charge')
    expect(first.code).toBe(0)
    const second = await night(7)
    expect(second.nightly).toContain('nothing to do')
    expect(second.code).toBe(0)
    await seen(NEW, 8, 31)
    await night(8)
    expect(stored(ADA, 3, 8)).toEqual([0, 1])
  })

  test('that two people pass on in one day: each is charged their own', async () => {
    await night(3)
    const state = space.tickets.state
    const [ada, bea] = [state.member(ADA), state.member(BEA)]
    Object.assign(bea, { email: 'bea.new@example.org' })
    Object.assign(ada, { email: BEA })
    await night(4)
    await seen(BEAS, 3, 31)
    await seen(PHONE, 3, 6)
    const { code } = await night(5)
    expect(stored('bea.new@example.org', 3)).toEqual([1])
    expect(stored(BEA, 3)).toEqual([0.5])
    expect(code).toBe(0)
  })

  test('that changed together with the name is the same person’s: what comes late is charged', async () => {
    await seen(PHONE, 3, 6)
    await night(3)
    const ada = space.tickets.state.member(ADA)
    Object.assign(ada, { email: 'a.durand@example.org', firstName: 'Adèle', lastName: 'Durand' })
    await night(4)
    await seen(PHONE, 3, 31, 13)
    const { code } = await night(5)
    expect(stored('a.durand@example.org', 3)).toEqual([1])
    expect(code).toBe(0)
    const explained = await space.run('explain', nov(3), 'a.durand@example.org')
    expect(explained.out.join('\n')).toContain('1 ticket')
  })
})

describe('a member history that is lost', () => {
  beforeEach(async () => {
    await seen(PHONE, 3, 31)
    await night(3)
    at(4, '07:00')
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    await night(4)
    await rm(join(space.folder, 'store/members'), { recursive: true })
  })

  const withoutTrail = () =>
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))

  test.each([
    ['a replay', ['reupload', PHONE, '--period', nov(3)]],
    ['an upload of the day', ['upload', nov(3)]],
  ])('charges nobody for what another member was charged for: %s', async (_, args) => {
    withoutTrail()
    at(5)
    const ran = await space.run(...args)
    expect(ran.code).toBe(1)
    expect([...stored(ADA, 3), ...stored(BEA, 3)]).toEqual([1, 0])
  })

  test('nor do the nights; until a person lowers the first', async () => {
    withoutTrail()
    const { errors, code } = await night(5)
    expect([...stored(ADA, 3), ...stored(BEA, 3)]).toEqual([1, 0])
    expect(code).toBe(1)
    expect(errors).toContain(`${ADA} / ${BEA} were charged for this device that day by the ledger`)
    space.tickets.setFaults(undefined)
    await space.run('upload', nov(3), '--allow-lower')
    expect([...stored(ADA, 3), ...stored(BEA, 3)]).toEqual([0, 0])
    await space.run('reupload', PHONE, '--period', nov(3))
    expect([...stored(ADA, 3), ...stored(BEA, 3)]).toEqual([0, 1])
  })

  test('is at an end for a day that a person closed', async () => {
    withoutTrail()
    expect((await night(5)).code).toBe(1)
    const closed = await space.run('close', nov(3), ADA, '--because', 'she was there')
    expect(closed.out).toHaveLength(2)
    expect((await night(6)).code).toBe(0)
    expect((await space.run('reupload', PHONE, '--period', nov(3))).code).toBe(0)
    expect((await space.run('upload', nov(3), '--allow-lower')).code).toBe(0)
    expect([...stored(ADA, 3), ...stored(BEA, 3)]).toEqual([1, 0])
  })

  test('is made again from the audit trail', async () => {
    const { code } = await night(5)
    expect([...stored(ADA, 3), ...stored(BEA, 3)]).toEqual([1, 0])
    expect(code).toBe(0)
  })
})
