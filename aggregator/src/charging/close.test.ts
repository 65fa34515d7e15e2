/** A day that a person closed for a member: nothing is posted, told or counted for it any more. By the real commands. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { seen as linesOf } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'

const ADA = 'ada@example.org'
const DAN = 'dan@example.org'
const PHONE = 'AA:00:00:00:00:01'
const TABLET = 'AA:00:00:00:00:02'
const DANS = 'DD:00:00:00:00:01'
const BOTHS = 'EE:00:00:00:00:01'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ADA, firstName: 'Ada', lastName: 'Martin', macs: [PHONE] },
      { email: DAN, firstName: 'Dan', lastName: 'Roux', macs: [DANS] },
      { email: '', firstName: 'Eve', lastName: 'Noll', macs: ['EE:00:00:00:00:02'] },
    ],
  })
})
afterEach(() => space.close())

const nov = (day: number) => `2026-11-${String(day).padStart(2, '0')}`

/** `mac` seen once in each of `count` slots of a day in November, from nine on: in a room of its own. */
async function seen(mac: string, day: number, count: number) {
  const room = mac.toLowerCase().replaceAll(':', '')
  // However late it gets its first file, it is the space's.
  space.env.LOCATIONS = [space.env.LOCATIONS ?? [], `room-${room}`].flat().join(',')
  await space.write(`presences/room-${room}/${nov(day)}`, linesOf(mac, nov(day), 9, count))
}

/** The nightly job of a day on which Dan looked in, so that no room was silent. */
async function nightly(day: number, ...args: string[]) {
  await seen(DANS, day, 1)
  night(space, nov(day))
  return charge(space, 'upload', ...args)
}

const close = (day: number, who: string, ...args: string[]) =>
  space.run('close', nov(day), who, '--because', 'she was not there', ...args)

/** Nobody but Ada is charged anything. */
const refuse = () =>
  space.tickets.setFaults(({ path }) =>
    path === '/api/presence' ? { status: 404, body: '{"status":404}' } : undefined,
  )

describe('a post that is refused each night', () => {
  beforeEach(async () => {
    refuse()
    await seen(PHONE, 3, 6)
    expect((await nightly(3)).code).toBe(1)
    expect((await nightly(4)).code).toBe(1)
  })

  test('is at an end once a person closed the day', async () => {
    const closed = await close(3, ADA, '--by', 'Paul')
    expect(closed).toMatchObject({
      code: 0,
      out: [`${nov(3)} ${ADA} closed by Paul: she was not there`],
    })
    space.tickets.setFaults(undefined)
    const after = await nightly(5)
    expect(after.posts).toEqual([])
    expect(after.nightly).toContain('nothing to do')
    expect(after.code).toBe(0)
    // Of what is closed there is nothing more to say.
    const explained = await space.run('explain', nov(3), ADA)
    expect(explained.out.filter((line) => line.includes('closed by'))).toHaveLength(1)
  })

  test('is not counted as charged', async () => {
    await close(3, ADA)
    const again = await charge(space, 'upload', nov(3))
    expect(again.nightly).toMatch(/^0 members, 0\.0 tickets/)
  })

  test.each([
    ['an upload of the day', ['upload', nov(3)]],
    ['with --allow-lower', ['upload', nov(3), '--allow-lower']],
    ['a replay', ['reupload', PHONE, '--period', nov(3)]],
  ])('nor does %s post it', async (_, args) => {
    await close(3, ADA)
    space.tickets.setFaults(undefined)
    const ran = await charge(space, ...args)
    expect(ran.posts).toEqual([])
    expect(ran.out.join('\n')).toContain('skip: closed by someone on test-host: she was not there')
    expect(ran.code).toBe(0)
  })

  test('is posted after all once somebody reopened it, and may be closed again', async () => {
    await close(3, ADA)
    const undone = await close(3, ADA, '--undo', '--by', 'Ana')
    expect(undone.out).toEqual([`${nov(3)} ${ADA} reopened by Ana: she was not there`])
    expect((await nightly(5)).code).toBe(1)
    expect((await close(3, ADA)).code).toBe(0)
    expect((await nightly(6)).code).toBe(0)
    await close(3, ADA, '--undo', '--by', 'Ana')
    space.tickets.setFaults(undefined)
    const after = await nightly(7)
    expect(after.posts).toEqual([`${nov(3)} ${ADA} 0.5`])
    expect(after.lines.join('\n')).toContain('caught up: reopened by Ana: she was not there')
  })

  test('is closed whoever charges at the same time', async () => {
    const [closed] = await Promise.all([
      close(3, ADA, '--by', 'Paul\n(by phone)'),
      space.run('upload'),
      space.run('upload', nov(3)),
    ])
    expect(closed.out).toEqual([`${nov(3)} ${ADA} closed by Paul (by phone): she was not there`])
    const after = await nightly(5)
    expect([after.posts, after.code]).toEqual([[], 0])
  })

  test('however long ago: a reopened day is looked at again', async () => {
    await close(3, ADA)
    space.tickets.setFaults(undefined)
    night(space, '2026-12-20')
    await space.run('upload')
    await close(3, ADA, '--undo')
    expect((await charge(space, 'upload')).posts).toEqual([`${nov(3)} ${ADA} 0.5`])
  })

  test('shows in the explanation, in both languages', async () => {
    await close(3, ADA, '--by', 'Paul')
    await close(3, ADA, '--by', 'Ana', '--undo')
    const told = async (lang: string) =>
      (await space.run('explain', nov(3), ADA, '--lang', lang)).out.join('\n')
    const english = await told('en')
    expect(english).toContain('closed by Paul, nothing more is done. Reason: she was not there.')
    expect(english).toContain('reopened by Ana. Reason: she was not there.')
    const french = await told('fr')
    expect(french).toContain("clos par Paul, plus rien n'est fait. Motif : she was not there.")
    expect(french).toContain('rouvert par Ana. Motif : she was not there.')
    expect((await space.run('explain', nov(3), ADA, '--json')).out.join('')).toContain('"close"')
  })

  test('is shown closed by a dry run, which closes nothing', async () => {
    const shown = await close(3, ADA, '--dry-run')
    expect(shown.out).toEqual([expect.stringContaining(`${ADA} closed by`)])
    expect((await nightly(5)).code).toBe(1)
  })

  test('stays closed when more of the day arrives late', async () => {
    await close(3, ADA)
    space.tickets.setFaults(undefined)
    await seen(PHONE, 3, 40)
    const after = await nightly(5)
    expect([after.posts, after.code]).toEqual([[], 0])
  })
})

describe('what may be closed besides', () => {
  test('is an amount that is held for a person to look', async () => {
    await seen(PHONE, 3, 6)
    await nightly(3)
    await seen(PHONE, 3, 1)
    await space.run('rollup', '--from', nov(3), '--to', nov(3))
    space.tickets.state.removeDevice(ADA, PHONE)
    space.env.HALF_DAY_SLOTS = '7'
    expect((await nightly(4)).nightly).toContain('1 amount held, somebody must look')
    expect((await close(3, ADA)).code).toBe(0)
    expect((await nightly(5)).nightly).toContain('nothing to do')
  })

  test('is a device registered late that nobody wants to replay', async () => {
    await seen(TABLET, 3, 6)
    await nightly(3)
    space.tickets.state.addDevice(ADA, TABLET)
    expect((await nightly(4)).nightly).toContain('1 device registered late to replay')
    expect((await close(3, ADA)).code).toBe(0)
    expect((await nightly(5)).nightly).toContain('nothing to do')
  })

  test('is a day of whoever has no e-mail, by name', async () => {
    await seen('EE:00:00:00:00:02', 3, 6)
    expect((await nightly(3)).nightly).toContain('1 person could not be charged')
    expect((await close(3, 'Eve Noll')).code).toBe(0)
    expect((await nightly(4)).code).toBe(0)
    expect((await space.run('reupload', 'EE:00:00:00:00:02', '--period', nov(3))).code).toBe(0)
    expect((await close(3, 'Eve Noll', '--undo')).code).toBe(0)
    expect((await nightly(5)).code).toBe(1)
  })

  test('is a device that two members claim, under the name of one: the other is not closed', async () => {
    for (const email of [ADA, DAN]) space.tickets.state.member(email).macs.push(BOTHS)
    await seen(BOTHS, 3, 6)
    await nightly(3)
    expect((await nightly(4)).code).toBe(1)
    const closed = await close(3, ADA)
    expect(closed.out.map((line) => line.split(' ')[1])).toEqual([ADA, expect.any(String)])
    expect((await nightly(5)).code).toBe(0)
    expect((await space.run('explain', nov(3), ADA)).out.join('\n')).toContain('closed by')
    expect((await space.run('explain', nov(3), DAN)).out.join('\n')).not.toContain('closed by')
  })

  test('is a day of somebody who is gone: what comes late is not told again', async () => {
    await nightly(3)
    space.tickets.state.removeMember(ADA)
    await nightly(4)
    await seen(PHONE, 3, 6)
    const told = await nightly(5)
    expect(told.nightly).toContain('1 person no member any more, nobody to charge')
    expect(told.code).toBe(0)
    expect((await close(3, ADA, '--by', 'Paul')).code).toBe(0)
    await seen(PHONE, 3, 40)
    expect((await nightly(6)).nightly).toContain('nothing to do')
    const explained = await space.run('explain', nov(3), ADA)
    expect(explained.out.join('\n')).toContain('closed by Paul')
  })
})

describe('where nothing is open', () => {
  test.each([
    ['charged and done', 3, ADA, 'evidence says 0.5, already so'],
    ['never seen', 3, 'nobody@example.org', 'neither seen nor charged'],
    ['another day', 2, ADA, 'neither seen nor charged'],
  ])('%s, it says what is so', async (_, day, who, why) => {
    await seen(PHONE, 3, 6)
    await nightly(3)
    const refused = await close(day, who)
    expect(refused.errors).toContain(`Nothing is open for ${who} on ${nov(day)}: `)
    expect(refused.errors).toContain(why)
    expect(refused.code).toBe(2)
  })

  test('closed already, not closed, no reason, a day to come', async () => {
    refuse()
    await seen(PHONE, 3, 6)
    await nightly(3)
    expect((await close(3, ADA, '--undo')).errors).toContain('is not closed for')
    await close(3, ADA, '--by', 'Paul')
    const again = await close(3, ADA)
    expect(again.errors).toContain('is closed for ada@example.org already, by Paul: she was not')
    const codes = [
      again,
      await space.run('close', nov(3), ADA),
      await space.run('close', nov(3), ADA, '--because', ' '),
      await close(9, ADA),
    ].map(({ code }) => code)
    expect(codes).toEqual([2, 2, 2, 2])
  })
})

test('who left while no night ran is told of once: nobody can say since when, nor be charged', async () => {
  await nightly(3)
  await seen(PHONE, 4, 6)
  space.tickets.state.removeMember(ADA)
  const first = await nightly(6)
  expect(first.nightly).toContain('1 person no member any more, nobody to charge')
  expect(first.code).toBe(0)
  expect(await nightly(7)).toMatchObject({
    nightly: expect.stringMatching(/nothing to do$/),
    code: 0,
  })
})

test('a replay for somebody who is gone is done: nothing can be done any more', async () => {
  await seen(PHONE, 3, 6)
  await seen(DANS, 3, 6)
  await nightly(2)
  space.tickets.state.removeMember(ADA)
  night(space, nov(4))
  const { code, lines } = await charge(space, 'reupload', PHONE, '--period', nov(3))
  expect(lines.join('\n')).toContain(`Ada Martin (${ADA}): charged to nobody`)
  expect(code).toBe(0)
  // A replay is about one device's owner: the night tells of others.
  await space.run('reupload', DANS, '--period', nov(3))
  expect((await nightly(4)).nightly).toContain('1 person no member any more')
})
