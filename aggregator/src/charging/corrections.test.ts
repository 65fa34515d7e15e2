/** What a person does while a run charges: it is asked for again before posts, and once more after them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const PHONE = 'AA:00:00:00:00:01'
const BOBS = 'BB:00:00:00:00:01'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] },
      { email: BOB, firstName: 'Bob', lastName: 'Weber', macs: [BOBS] },
    ],
  })
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31) + seen(BOBS, MONDAY, 9, 31))
  night(MONDAY)
})
afterEach(() => space.close())

/** It is 22:15 in Paris on `day`. */
function night(day: string): void {
  space.clock.now = new Date(`${day}T21:15:00Z`)
}

/** An administrator sets Ana's Monday, a minute later than anything before. */
function correct(value: number, comment = 'was on holiday'): void {
  space.clock.now = new Date(space.clock.now.getTime() + 60_000)
  space.tickets.state.correctDay({ email: ANA, date: MONDAY, value, comment })
}

/** Does `act` once, right before the `nth` request for which `isThen` holds is answered. */
function once(
  isThen: (request: { method: string; path: string }) => boolean,
  act: () => void,
  nth = 1,
) {
  let left = nth
  space.tickets.setFaults((request) => {
    if (isThen(request)) left -= 1
    if (left === 0) {
      left = -1
      act()
    }
    return undefined
  })
}

const isAudit = ({ path }: { path: string }) => path === '/api/audit'
const isPost = ({ path }: { path: string }) => path === '/api/presence'
const stored = (email = ANA) => space.tickets.state.amount(email, MONDAY)
const postsTo = (email: string) => space.tickets.posts.filter((post) => post.email === email)
const nightlyLine = (out: readonly string[]) => out.at(-2) ?? ''

describe('a correction between the first question of a run and its posts', () => {
  test.each([
    ['the nightly run', ['upload'], 0],
    ['an upload of the day', ['upload', MONDAY], 0],
    ['a replay', ['reupload', PHONE, '--period', MONDAY], 0],
  ])('is not written over by %s', async (_, args, code) => {
    // The second question is asked right before the posts.
    once(isAudit, () => correct(0), 2)
    const ran = await space.run(...args)
    expect(postsTo(ANA)).toEqual([])
    expect(stored()).toBe(0)
    expect(ran.out.join('\n')).toContain('hold: evidence says 1.0, a person set 0: was on holiday')
    expect(ran.code).toBe(code)
  })

  test('is compared with what the ticket server has since, not with what was read before it', async () => {
    night(TUESDAY)
    once(isAudit, () => correct(0.5), 2)
    const { code, out, errors } = await space.run('upload', MONDAY)
    expect(postsTo(ANA)).toEqual([])
    expect(out.join('\n')).toContain('hold: evidence says 1.0, a person set 0.5: was on holiday')
    expect(errors).not.toContain('but the ticket server holds')
    expect(code).toBe(0)
  })

  test('is not written over by a later handful of posts, when the question before an earlier one told of it', async () => {
    // In the order of e-mails, twenty come before Ana: a handful.
    for (let at = 10; at < 30; at += 1) {
      const mac = `CC:00:00:00:00:${at}`
      const email = `aa${at}@example.org`
      space.tickets.state.addMember({ email, firstName: 'Aa', lastName: String(at), macs: [mac] })
      await space.write(`presences/room-${at}/${MONDAY}`, seen(mac, MONDAY, 9, 6))
    }
    once(isAudit, () => correct(0), 2)
    const ran = await space.run('upload', MONDAY)
    expect(space.tickets.posts).toHaveLength(21)
    expect(postsTo(ANA)).toEqual([])
    expect(stored()).toBe(0)
    expect(ran.out.join('\n')).toContain('hold: evidence says 1.0, a person set 0: was on holiday')
  })

  test('holds the amounts of those for whom it can not be asked again, and the next night posts them', async () => {
    let questions = 0
    space.tickets.setFaults(({ path }) => {
      if (path !== '/api/audit') return undefined
      questions += 1
      return questions === 1 ? undefined : { status: 503 }
    })
    space.tickets.state.correctDay({ email: BOB, date: MONDAY, value: 0.5, comment: 'noon' })
    await space.run('upload')
    expect(stored(BOB)).toBe(0.5)
    space.tickets.setFaults(undefined)
    night(TUESDAY)
    expect((await space.run('upload')).code).toBe(1)
    expect([stored(ANA), stored(BOB)]).toEqual([1, 0.5])
  })
})

describe('a correction at the very moment of a post', () => {
  beforeEach(() => once(isPost, () => correct(0, 'not here')))

  test('is told with the value that the person had set, until somebody put it back', async () => {
    const first = await space.run('upload')
    expect(stored()).toBe(1)
    expect(first.code).toBe(1)
    expect(first.errors).toContain(
      `${MONDAY} ${ANA} 1.0 → 1.0 hold: a person set 0 (not here), but the ticket server holds 1.0`,
    )
    expect(nightlyLine(first.out)).toContain('1 correction covered by a post, put it back')

    night(TUESDAY)
    const second = await space.run('upload')
    expect(second.code).toBe(1)
    expect(nightlyLine(second.out)).toContain('1 correction covered by a post, put it back')

    correct(0, 'put back')
    const third = await space.run('upload')
    expect(nightlyLine(third.out)).not.toContain('covered')
    expect(third.out.join('\n')).toContain('hold: evidence says 1.0, a person set 0: put back')
  })

  test('whose answer was lost is told all the same', async () => {
    let posted = 0
    space.tickets.setFaults((request) => {
      if (!isPost(request)) return undefined
      posted += 1
      if (posted === 1) correct(0, 'not here')
      return 'store-then-drop'
    })
    const { code, errors } = await space.run('upload')
    expect(stored()).toBe(1)
    expect(errors).toContain('hold: a person set 0 (not here), but the ticket server holds 1.0')
    expect(code).toBe(1)
  })

  test('long ago, in a replay, is told by the nights that follow', async () => {
    night('2026-12-20')
    const replayed = await space.run('reupload', PHONE, '--period', MONDAY)
    expect(replayed.code).toBe(1)
    expect(replayed.errors).toContain('but the ticket server holds 1.0')
    const { code, out } = await space.run('upload')
    expect(nightlyLine(out)).toContain('1 correction covered by a post')
    expect(code).toBe(1)
  })

  test('is put back where RESTORE_CORRECTIONS says so, once, and told', async () => {
    space.env.RESTORE_CORRECTIONS = 'true'
    const first = await space.run('upload')
    expect(stored()).toBe(0)
    expect(first.errors).toContain('skip: put back what a person set: 0 (not here)')
    night(TUESDAY)
    const second = await space.run('upload')
    expect(stored()).toBe(0)
    expect(nightlyLine(second.out)).not.toContain('covered')
    const sets = space.tickets.requests.filter(({ method }) => method === 'PUT')
    expect(sets).toHaveLength(1)
  })

  test('is put back by the first night that may, when it was told by others before', async () => {
    await space.run('upload')
    night(TUESDAY)
    await space.run('upload')
    expect(stored()).toBe(1)
    space.env.RESTORE_CORRECTIONS = 'true'
    const { out } = await space.run('upload')
    expect(stored()).toBe(0)
    expect(nightlyLine(out)).not.toContain('covered')
    // It is on record: no later night does it again.
    space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
    for (const day of ['2026-11-18', '2026-11-19']) {
      night(day)
      await space.run('upload')
    }
    expect(stored()).toBe(1)
  })

  test('is tried to be put back once', async () => {
    space.env.RESTORE_CORRECTIONS = 'true'
    let posted = false
    space.tickets.setFaults((request) => {
      if (isPost(request) && !posted) {
        posted = true
        correct(0, 'not here')
      }
      return request.method === 'PUT' ? { status: 403 } : undefined
    })
    for (const day of [MONDAY, TUESDAY, '2026-11-18']) {
      night(day)
      const { code, out } = await space.run('upload')
      expect(nightlyLine(out)).toContain('1 correction covered by a post')
      expect(code).toBe(1)
    }
    const sets = space.tickets.requests.filter(({ method }) => method === 'PUT')
    expect(sets).toHaveLength(1)
  })

  test('is not put back again when something else writes over that', async () => {
    space.env.RESTORE_CORRECTIONS = 'true'
    await space.run('upload')
    space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
    night(TUESDAY)
    const { code, out } = await space.run('upload')
    expect(stored()).toBe(1)
    expect(nightlyLine(out)).toContain('1 correction covered by a post')
    expect(code).toBe(1)
  })

  test('is told when nobody can say so after the posts, and found by the next night', async () => {
    let posted = 0
    space.tickets.setFaults(({ path }) => {
      if (path === '/api/presence') {
        posted += 1
        if (posted === 1) correct(0, 'not here')
      }
      return posted > 0 && path.includes('audit') ? { status: 503 } : undefined
    })
    const first = await space.run('upload')
    expect(first.code).toBe(1)
    expect(first.errors).toContain(`Whether a person corrected ${MONDAY} during this run`)
    space.tickets.setFaults(undefined)
    night(TUESDAY)
    const second = await space.run('upload')
    expect(nightlyLine(second.out)).toContain('1 correction covered by a post')
  })
})

test('a hold for a person claims only what the ticket server holds', async () => {
  correct(0)
  await space.run('upload')
  // The old scripts post over it.
  space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
  night(TUESDAY)
  const { out, code } = await space.run('upload')
  expect(out.join('\n')).toContain(
    'a person set 0 (was on holiday), but the ticket server holds 1.0',
  )
  expect(code).toBe(1)
})
