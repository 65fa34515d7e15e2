/**
 * A charge that can be trusted, over several days and runs, against a ticket server that answers as the real one
 * does: what a person decided stays, what failed is healed, nobody pays for another, nothing is posted in vain.
 */
import { type Mac, shortMac } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night as nightOn } from '../../testing/nights.ts'
import { look, seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { run as runCommand } from '../cli.ts'
import { readLedger } from '../ledger/ledger-store.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'

const ANA = 'ana@example.org'
const BOB = 'bob+2000@Example.org'
const PHONE = 'AA:00:00:00:00:01'
const LAPTOP = 'AA:00:00:00:00:02'
const BOBS = 'BB:00:00:00:00:01'
const STRANGER = 'DD:00:00:00:00:01'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE, LAPTOP] },
      { email: BOB, firstName: 'Bob', lastName: 'Weber', macs: [BOBS] },
    ],
  })
  // However late each of them gets its first file.
  space.env.LOCATIONS = 'a,b,c'
})
afterEach(() => space.close())

const night = (day: string) => nightOn(space, day)
const run = (...args: string[]) => charge(space, ...args)

/** A run whose store does not take the memory of what is open. */
async function runForgetful(...args: string[]) {
  const sink = { out: [] as string[], errors: [] as string[] }
  const effects = space.effects(sink)
  const code = await runCommand(args, {
    ...effects,
    openStore: async (...asked) => forgetful(await effects.openStore(...asked)),
  })
  return { code, out: sink.out, errors: sink.errors.join('') }
}

/** A store to which one object can't be written: the memory of what is open. */
function forgetful(store: Store): Store {
  return {
    ...store,
    put: async (key, ...rest) => {
      if (key === 'jobs/nightly.json') throw new StoreError(`Can't write ${key}: the disk is full.`)
      return store.put(key, ...rest)
    },
  }
}

const ledgerOf = async (day: string) =>
  (await readLedger(createFolderStore(`${space.folder}/store`), day as never)).value

describe("a person's correction", () => {
  beforeEach(async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
    night(MONDAY)
    await run('upload')
    space.tickets.state.correctDay({
      email: ANA,
      date: MONDAY,
      value: 0.5,
      comment: 'left at noon',
    })
  })

  test.each([
    ['the nightly run', ['upload']],
    ['an upload of the day', ['upload', MONDAY]],
    ['an upload of several days', ['upload', '--from', MONDAY, '--to', MONDAY]],
    ['a replay', ['reupload', PHONE, '--period', '2026-11']],
    ['a replay that may lower', ['reupload', PHONE, '--period', '2026-11', '--allow-lower']],
  ])('survives %s, and its comment is shown', async (_, args) => {
    const { posts, lines, code } = await run(...args)
    expect(posts).toEqual([])
    expect(lines.join('\n')).toContain('evidence says 1.0, a person set 0.5: left at noon')
    expect(code).toBe(0)
    expect(space.tickets.state.amount(ANA, MONDAY)).toBe(0.5)
  })

  test('a day a person added is not charged over', async () => {
    space.tickets.state.correctDay({
      email: BOB,
      date: TUESDAY,
      value: 0.5,
      comment: 'forgot his phone',
    })
    await space.write(`presences/a/${TUESDAY}`, seen(BOBS, TUESDAY, 9, 31))
    night(TUESDAY)
    const { posts, lines } = await run('upload')
    expect(posts).toEqual([])
    expect(lines).toContain(
      `${TUESDAY} ${BOB} - → 1.0 hold: evidence says 1.0, a person set 0.5: forgot his phone`,
    )
  })

  test('when the audit can not be read, nothing is posted on days older than yesterday', async () => {
    await space.write(`presences/b/${MONDAY}`, seen(BOBS, MONDAY, 9, 31))
    await space.write(`presences/a/${WEDNESDAY}`, seen(BOBS, WEDNESDAY, 9, 3))
    night(WEDNESDAY)
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
    const { posts, lines, code } = await run('upload')
    expect(posts).toEqual([`${WEDNESDAY} ${BOB} 0.5`])
    expect(lines.join('\n')).toContain(
      "but the audit trail can't be read: a person may have corrected this day",
    )
    expect(code).toBe(1)
  })

  test('of the same day survives a night without the audit, and is known when it can be read again', async () => {
    space.tickets.state.correctDay({ email: BOB, date: TUESDAY, value: 0, comment: 'was ill' })
    await space.write(`presences/a/${TUESDAY}`, seen(BOBS, TUESDAY, 9, 31))
    await space.write(`presences/b/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 3))
    night(TUESDAY)
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
    const blind = await run('upload')
    expect(blind.posts).toEqual([`${TUESDAY} ${ANA} 0.5`])
    expect(blind.lines).toContain(
      `${TUESDAY} ${BOB} 0 → 1.0 hold: evidence says 1.0, but the audit trail can't be read: a person may have corrected this day`,
    )
    expect(blind.code).toBe(1)

    space.tickets.setFaults(undefined)
    const sighted = await run('upload')
    expect(sighted.posts).toEqual([])
    expect(sighted.lines).toContain(
      `${TUESDAY} ${BOB} - → 1.0 hold: evidence says 1.0, a person set 0: was ill`,
    )
    expect(space.tickets.state.amount(BOB, TUESDAY)).toBe(0)
  })

  test('of a day charged in the morning is not raised over in a night without the audit', async () => {
    await space.write(`presences/b/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
    await run('upload')
    space.tickets.state.correctDay({ email: BOB, date: MONDAY, value: 0, comment: 'was ill' })
    await space.write(`presences/c/${MONDAY}`, seen(BOBS, MONDAY, 9, 31))
    await space.write(`presences/a/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
    night(TUESDAY)
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
    expect((await run('upload')).posts).toEqual([])
    expect(space.tickets.state.amount(BOB, MONDAY)).toBe(0)
  })

  test('what only waited for the audit says so when it is posted', async () => {
    await space.write(`presences/b/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
    await run('upload')
    await space.write(`presences/c/${MONDAY}`, seen(BOBS, MONDAY, 9, 31))
    await space.write(`presences/a/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
    night(TUESDAY)
    space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
    expect((await run('upload')).posts).toEqual([])
    space.tickets.setFaults(undefined)
    expect((await run('upload')).lines).toContain(
      `${MONDAY} ${BOB} 0.5 → 1.0 post: more than the 0.5 charged before: 31 slots (caught up: the ticket server could not be asked before)`,
    )
  })
})

test('a night that could not charge is told as that the next day, not as late files', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(STRANGER, MONDAY, 9, 1))
  night(MONDAY)
  await run('upload')
  await space.write(`presences/a/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 3))
  night(TUESDAY)
  space.tickets.setFaults(() => ({ status: 503 }))
  expect((await run('upload')).code).toBe(3)
  space.tickets.setFaults(undefined)
  await space.write(`presences/a/${WEDNESDAY}`, seen(STRANGER, WEDNESDAY, 9, 1))
  night(WEDNESDAY)
  expect((await run('upload')).lines).toEqual([
    `${TUESDAY} ${ANA} - → 0.5 post: first charge: 3 slots (caught up: no run had charged this day yet)`,
  ])
})

test('a device that changed hands charges each owner for their own days', async () => {
  for (const day of [MONDAY, TUESDAY, WEDNESDAY]) {
    await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
  }
  night(MONDAY)
  await run('upload')
  night(TUESDAY)
  space.tickets.state.moveDevice(PHONE, ANA, BOB)
  await run('upload')
  night(WEDNESDAY)
  const replayed = await run('reupload', PHONE, '--period', '2026-11')
  expect(replayed.posts).toEqual([`${WEDNESDAY} ${BOB} 0.5`])
  expect(
    replayed.lines.map((line) => line.replace(/^(\S+).*; (\S+) \[(.*)\].*$/, '$1 $2 $3')),
  ).toEqual([
    `${MONDAY} ${ANA} theirs that day`,
    `${TUESDAY} ${BOB} theirs that day`,
    `${WEDNESDAY} ${BOB} theirs that day`,
  ])
})

test('what failed on Monday, and what arrived on Tuesday, is healed on Tuesday', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3) + seen(BOBS, MONDAY, 9, 3))
  night(MONDAY)
  space.tickets.setFaults(({ params }) => (params.email === BOB ? { status: 500 } : undefined))
  const monday = await run('upload')
  expect(monday.code).toBe(1)
  expect(monday.nightly).toContain('1 post failed, tried again at the next run')

  space.tickets.setFaults(undefined)
  await space.write(`presences/b/${MONDAY}`, seen(LAPTOP, MONDAY, 10, 30))
  await space.write(`presences/a/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
  night(TUESDAY)
  const tuesday = await run('upload')
  expect(tuesday.code).toBe(0)
  expect(tuesday.lines).toEqual([
    `${MONDAY} ${ANA} 0.5 → 1.0 post: more than the 0.5 charged before: 33 slots (caught up: files arrived late)`,
    `${MONDAY} ${BOB} 0.5 → 0.5 post: sent again: the answer to the last post was lost (caught up: the post had failed)`,
  ])
  expect(tuesday.nightly).toBe(
    '0 members, 0.0 tickets, looking unknown, 1 day caught up, nothing to do',
  )
  expect([
    space.tickets.state.amount(ANA, MONDAY),
    space.tickets.state.amount(BOB, MONDAY),
  ]).toEqual([1, 0.5])
  expect((await run('upload')).posts).toEqual([])
})

test('a halved map stops the run, unless it is accepted', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
  night(MONDAY)
  await run('upload')
  space.tickets.state.removeDevice(ANA, PHONE)
  space.tickets.state.removeDevice(ANA, LAPTOP)
  await space.write(`presences/a/${TUESDAY}`, seen(BOBS, TUESDAY, 9, 3))
  night(TUESDAY)
  // A preview changes nothing: it shows what would be posted.
  expect(await run('presences', TUESDAY)).toMatchObject({ code: 0, out: [`${BOB} 0.5`] })
  const refused = await run('upload')
  expect(refused).toMatchObject({ code: 3, posts: [] })
  expect(refused.errors).toContain('--accept-map')
  expect(await run('upload', '--accept-map')).toMatchObject({
    code: 0,
    posts: [`${TUESDAY} ${BOB} 0.5`],
  })
  expect((await run('upload')).code).toBe(0)
})

describe('a charge is never lowered by itself', () => {
  beforeEach(async () => {
    await space.write(
      `presences/a/${MONDAY}`,
      seen(PHONE, MONDAY, 9, 3) + seen(LAPTOP, MONDAY, 12, 27),
    )
    night(MONDAY)
    await run('upload')
  })

  test('a device that was taken away since: not without --allow-lower', async () => {
    // Of a day that had an owner, the owner stays: only the rule can change what it makes.
    space.tickets.state.removeDevice(ANA, LAPTOP)
    night(TUESDAY)
    expect((await run('upload', MONDAY)).lines).toEqual([
      `${MONDAY} ${ANA} 1.0 → 1.0 skip: already so`,
    ])
  })

  test('another rule: held, and lowered only when allowed', async () => {
    space.env.FULL_DAY_SLOTS = '60'
    const held = await run('upload', MONDAY)
    expect(held).toMatchObject({ code: 0, posts: [] })
    expect(held.lines[0]).toContain(
      'hold: evidence says 0.5, 1.0 was charged: the rule changed; to lower it, run again with --allow-lower',
    )
    expect(held.nightly).toContain('1 amount held, somebody must look')
    const lowered = await run('upload', MONDAY, '--allow-lower')
    expect(lowered.posts).toEqual([`${MONDAY} ${ANA} 0.5`])
    expect((await run('upload', MONDAY)).posts).toEqual([])
  })

  test('less data than then: held, whatever is allowed', async () => {
    await space.write(`rollups/a/${MONDAY}.json.gz`, '')
    const { rm } = await import('node:fs/promises')
    await rm(`${space.folder}/store/rollups/a/${MONDAY}.json.gz`)
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    const ran = await run('upload', MONDAY, '--allow-lower')
    expect(ran.posts).toEqual([])
    expect(ran.lines[0]).toContain(
      'hold: evidence says 0.5, 1.0 was charged: there is less data now than then',
    )
  })
})

test('a day charged before there was a ledger: the ticket server is asked what it has', async () => {
  space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
  space.tickets.state.storePost(space.tickets.state.member(BOB), MONDAY, 0.5)
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3) + seen(BOBS, MONDAY, 9, 30))
  night(WEDNESDAY)
  const { lines, posts } = await run('upload', MONDAY)
  expect(posts).toEqual([`${MONDAY} ${BOB} 1`])
  expect(lines).toEqual([
    `${MONDAY} ${ANA} 1.0 → 0.5 hold: evidence says 0.5, 1.0 was charged: what it was charged for is not known; a charge is never lowered for that`,
    `${MONDAY} ${BOB} 0.5 → 1.0 post: more than the 0.5 charged before: 30 slots`,
  ])
})

describe('a late registration', () => {
  const LATE = 'CC:00:00:00:00:01'

  beforeEach(async () => {
    await space.write('presences/a/2026-11-13', seen(STRANGER, '2026-11-13', 9, 1))
    night('2026-11-13')
    await run('upload')
    for (const day of [MONDAY, TUESDAY])
      await space.write(`presences/a/${day}`, seen(LATE, day, 9, 3) + seen(BOBS, day, 9, 3))
    night(TUESDAY)
    await run('upload')
    await space.write(`presences/a/${WEDNESDAY}`, seen(LATE, WEDNESDAY, 9, 30))
    night(WEDNESDAY)
    space.tickets.state.addDevice(BOB, LATE)
  })

  test('is proposed, not done; then exactly the missing amounts are posted, and the next replay posts nothing', async () => {
    const nightly = await run('upload')
    expect(nightly.posts).toEqual([`${WEDNESDAY} ${BOB} 1`])
    expect(nightly.code).toBe(0)
    expect(nightly.errors).not.toContain('Registered late')

    await space.write(`presences/b/${MONDAY}`, seen(LATE, MONDAY, 12, 30))
    const again = await run('upload')
    expect(again.posts).toEqual([])
    expect(again.errors).toContain(
      `Registered late: 1 half day for ${BOB}, ${MONDAY} to ${MONDAY}, 0.5 tickets, ${shortMac(LATE as Mac)}: presences-aggregator reupload --proposal 1`,
    )
    expect(again.nightly).toContain('1 device registered late to replay')
    // No log holds a device's whole address.
    expect(again.errors).not.toContain(LATE)

    const preview = await run('reupload', LATE, '--dry-run')
    expect((await run('reupload', '--proposal', '1', '--dry-run')).lines).toEqual(
      preview.lines.filter((line) => line.startsWith(MONDAY)),
    )
    const all = ['--period', '2026']
    expect((await run('reupload', '--proposal', '1', '--dry-run', ...all)).lines).toEqual(
      preview.lines,
    )
    const replayed = await run('reupload', '--proposal', '1', ...all)
    expect(replayed.lines).toEqual(preview.lines)
    expect(preview.posts).toEqual([])
    expect(replayed.posts).toEqual([`${MONDAY} ${BOB} 1`])

    const before = space.tickets.requests.length
    expect((await run('reupload', LATE)).posts).toEqual([])
    const asked = space.tickets.requests.slice(before).map(({ path }) => path.replace(/\?.*/, ''))
    expect(asked.sort()).toEqual(['/api/audit', '/api/mac', '/api/members'])
    expect((await run('upload')).nightly).toContain('nothing to do')
  })

  test('is proposed for long ago as the rollups have it, or the files; the replay looks for late files', async () => {
    const [rolledUp, raw] = ['2026-10-20', '2026-10-21']
    for (const day of [rolledUp, raw])
      await space.write(`presences/a/${day}`, seen(LATE, day, 9, 3))
    await run('rollup', '--from', rolledUp, '--to', rolledUp)
    await space.write(`presences/a/${rolledUp}`, seen(LATE, rolledUp, 9, 30))
    const { errors } = await run('upload')
    expect(errors).toContain(
      `Registered late: 2 half days for ${BOB}, ${rolledUp} to ${raw}, 1.0 tickets, ${shortMac(LATE as Mac)}: presences-aggregator reupload --proposal 1`,
    )
    const { posts } = await run('reupload', LATE)
    expect(posts.sort()).toEqual([`${rolledUp} ${BOB} 1`, `${raw} ${BOB} 0.5`])
  })

  test('is done by itself within AUTO_REPLAY_DAYS', async () => {
    await space.write(`presences/b/${MONDAY}`, seen(LATE, MONDAY, 12, 30))
    await space.write(`presences/b/${TUESDAY}`, seen(LATE, TUESDAY, 12, 30))
    space.env.AUTO_REPLAY_DAYS = '1'
    const { posts, lines } = await run('upload')
    expect(posts.sort()).toEqual([`${TUESDAY} ${BOB} 1`, `${WEDNESDAY} ${BOB} 1`])
    expect(lines.join('\n')).toContain('(caught up: a device was registered late)')
  })
})

test('a late registration of a device that changed hands is proposed to each owner for their own days', async () => {
  const [SOLD, OTHER, THURSDAY] = ['CC:00:00:00:00:08', 'CC:00:00:00:00:09', '2026-11-19']
  await space.write(`presences/b/${MONDAY}`, seen(SOLD, MONDAY, 9, 3))
  night(MONDAY)
  await run('upload')
  space.tickets.state.addDevice(ANA, SOLD)
  await space.write(`presences/b/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
  night(TUESDAY)
  await run('upload')
  space.tickets.state.moveDevice(SOLD, ANA, BOB)
  await space.write(
    `presences/b/${WEDNESDAY}`,
    seen(SOLD, WEDNESDAY, 9, 2) + seen(OTHER, WEDNESDAY, 10, 1),
  )
  night(WEDNESDAY)
  await run('upload')
  space.tickets.state.addDevice(BOB, OTHER)
  await space.write(`presences/b/${THURSDAY}`, seen(STRANGER, THURSDAY, 9, 1))
  night(THURSDAY)
  const { errors, nightly } = await run('upload')
  for (const [whose, day, number] of [
    [ANA, MONDAY, 1],
    [BOB, WEDNESDAY, 2],
  ]) {
    expect(errors).toContain(
      `1 half day for ${whose}, ${day} to ${day}, 0.5 tickets, ${shortMac(SOLD as Mac)}: presences-aggregator reupload --proposal ${number}`,
    )
  }
  expect(nightly).toContain('1 device registered late to replay')
})

test('a member whose e-mail changes keeps their past, and is not charged twice', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
  night(MONDAY)
  await run('upload')
  const bob = space.tickets.state.member(BOB)
  Object.assign(bob, { email: 'bob@new.example.org' })
  night(TUESDAY)
  const { posts, lines } = await run('upload', MONDAY)
  expect(posts).toEqual([])
  expect(lines).toEqual([`${MONDAY} bob@new.example.org 0.5 → 0.5 skip: already so`])
})

test('the ledger remembers what was posted, why, by whom, and what the server said', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3) + seen(BOBS, MONDAY, 9, 2))
  night(MONDAY)
  space.tickets.setFaults(({ params }) =>
    params.email === ANA
      ? { status: 404, body: '{}', headers: { 'Content-Type': 'application/json' } }
      : undefined,
  )
  await run('upload')
  space.tickets.setFaults(undefined)
  space.clock.now = new Date('2026-11-16T21:30:00Z')
  await run('reupload', PHONE, '--period', MONDAY)
  const { entries, coverage } = await ledgerOf(MONDAY)
  expect(
    entries.map(({ email, run, decision, outcome, computed, reason }) => [
      email,
      run.kind,
      decision,
      outcome,
      computed,
      reason,
    ]),
  ).toEqual([
    [ANA, 'nightly', 'post', 'refused', 0.5, 'first charge: 3 slots'],
    [BOB, 'nightly', 'skip', undefined, 0, '2 slots: nothing to charge'],
    [ANA, 'replay', 'post', 'posted', 0.5, 'first charge: 3 slots'],
  ])
  expect(entries[0]?.answer).toContain('404')
  expect(entries[2]).toMatchObject({
    answer: 'OK',
    at: '2026-11-16T21:30:00.000Z',
    run: { by: 'someone on test-host' },
    evidence: {
      slots: [54, 55, 56],
      devices: [{ mac: PHONE, location: 'a', minutes: 3, source: 'map' }],
    },
  })
  expect(coverage).toEqual([{ location: 'a', lookedMinutes: undefined, openMinutes: 840 }])
})

test('a damaged ledger stops its day: nobody is charged twice for want of memory', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  await space.write(`ledger/${MONDAY}.json.gz`, 'damaged')
  night(MONDAY)
  const ran = await run('upload', MONDAY)
  expect(ran).toMatchObject({ code: 3, posts: [] })
  expect(ran.errors).toContain(
    `Nobody was charged for ${MONDAY}: Can't use ledger/${MONDAY}.json.gz`,
  )
})

describe('alerts', () => {
  test('one when there is something to do, none while it stays so, one when it is over', async () => {
    const { createServer } = await import('node:http')
    const told: { level: string; message: string }[] = []
    const hook = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        told.push(JSON.parse(body))
        response.end('ok')
      })
    })
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
    const { port } = hook.address() as { port: number }
    space.env.ALERT_WEBHOOK_URL = `http://127.0.0.1:${port}/hook`
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 404 } : undefined))
    for (let time = 0; time < 2; time += 1) await run('upload')
    space.tickets.setFaults(undefined)
    for (let time = 0; time < 2; time += 1) await run('upload')
    expect(told.map(({ level }) => level)).toEqual(['error', 'ok'])
    expect(told[0]?.message).toContain(`${MONDAY} ${ANA} - → 0.5 NOT POSTED`)
    space.tickets.state.removeDevice(ANA, PHONE)
    space.tickets.state.removeDevice(ANA, LAPTOP)
    night(TUESDAY)
    for (let time = 0; time < 2; time += 1) expect((await run('upload')).code).toBe(3)
    expect(told.slice(2).map(({ message }) => message)).toEqual([
      expect.stringContaining('--accept-map'),
    ])
    space.tickets.setFaults(() => ({ status: 401 }))
    for (let time = 0; time < 2; time += 1) expect((await run('upload')).code).toBe(3)
    expect(told.slice(3).map(({ message }) => message)).toEqual([
      expect.stringContaining('The nightly run stopped: Can'),
    ])
    await new Promise((resolve) => hook.close(resolve))
  })
})

describe('what a person set is never written over', () => {
  test('when the audit trail could not be read wholly: old days wait', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(STRANGER, MONDAY, 9, 1))
    night(MONDAY)
    await run('upload')
    const gone = space.tickets.state.addMember({ email: 'gone@example.org' })
    space.tickets.state.correctDay({
      email: gone.email,
      date: MONDAY,
      value: 1,
      comment: 'x',
      author: { _id: space.tickets.state.member(ANA).id, name: 'Ana', email: ANA },
    })
    space.tickets.state.correctDay({ email: ANA, date: MONDAY, value: 0, comment: 'was not there' })
    space.tickets.state.removeMember(gone.email)
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
    await space.write(`presences/a/${WEDNESDAY}`, seen(STRANGER, WEDNESDAY, 9, 1))
    night(WEDNESDAY)
    const { posts, code, lines } = await run('upload')
    expect(posts).toEqual([])
    expect(code).toBe(1)
    expect(lines.join('\n')).toContain(`${MONDAY} ${ANA} 0 → 1.0 hold`)
  })

  test('long after the audit trail that told of it is read no more', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    space.tickets.state.correctDay({ email: ANA, date: MONDAY, value: 0, comment: 'guest day' })
    expect((await run('upload')).posts).toEqual([])
    const event = space.tickets.state.audit.events[0]
    if (event) Object.assign(event, { occurred: new Date('2025-01-01') })
    await space.write(`presences/b/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
    const { posts, lines } = await run('upload', MONDAY)
    expect(posts).toEqual([])
    expect(lines[0]).toContain('a person set 0: guest day')
  })
})

describe('what the ledger does not know, the ticket server is asked', () => {
  test('a past day without a ledger, though there are ledgers by now', async () => {
    await space.write(`presences/a/2026-11-13`, seen(STRANGER, '2026-11-13', 9, 1))
    night('2026-11-13')
    await run('upload')
    space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3) + seen(BOBS, MONDAY, 9, 3))
    await space.write(`presences/a/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
    night(TUESDAY)
    const { posts } = await run('upload')
    expect(posts).toEqual([`${MONDAY} ${BOB} 0.5`])
    expect(space.tickets.state.amount(ANA, MONDAY)).toBe(1)
  })

  test('a post without an answer, when less is due now', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
    night(MONDAY)
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 503 } : undefined))
    expect((await run('upload')).code).toBe(1)
    space.tickets.setFaults(undefined)
    space.env.FULL_DAY_SLOTS = '40'
    expect((await run('upload', MONDAY)).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
  })

  test('a post that never arrived: what the server has is ours, from before', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 31))
    night(MONDAY)
    space.env.FULL_DAY_SLOTS = '40'
    expect((await run('upload', MONDAY)).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
    space.env.FULL_DAY_SLOTS = '30'
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 503 } : undefined))
    expect((await run('upload', MONDAY)).code).toBe(1)
    space.tickets.setFaults(undefined)
    space.env.FULL_DAY_SLOTS = '40'
    const again = await run('upload', MONDAY)
    expect(again.posts).toEqual([])
    expect(again.lines).toEqual([`${MONDAY} ${ANA} 0.5 → 0.5 skip: already so`])
  })
})

describe('nothing is forgotten', () => {
  test('a replay that failed is healed by the nightly run', async () => {
    const LATE = 'CC:00:00:00:00:01'
    await space.write(`presences/a/${MONDAY}`, seen(LATE, MONDAY, 9, 3))
    await space.write(`presences/a/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
    night(MONDAY)
    await run('upload')
    night(TUESDAY)
    space.tickets.state.addDevice(BOB, LATE)
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 503 } : undefined))
    expect((await run('reupload', LATE, '--period', MONDAY)).code).toBe(1)
    space.tickets.setFaults(undefined)
    expect((await run('upload')).posts).toEqual([`${MONDAY} ${BOB} 0.5`])
  })

  test('a post that is refused for longer than CATCH_UP_DAYS', async () => {
    space.env.CATCH_UP_DAYS = '2'
    const days = ['16', '17', '18', '19', '20'].map((day) => `2026-11-${day}`)
    for (const day of days) await space.write(`presences/a/${day}`, seen(STRANGER, day, 9, 1))
    await space.write(`presences/b/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 404 } : undefined))
    for (const day of days) {
      night(day)
      expect((await run('upload')).code).toBe(1)
    }
    space.tickets.setFaults(undefined)
    expect((await run('upload')).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
    expect((await run('upload')).code).toBe(0)
  })

  test('nights without a run, more than CATCH_UP_DAYS of them', async () => {
    space.env.CATCH_UP_DAYS = '1'
    await space.write(`presences/a/${MONDAY}`, seen(STRANGER, MONDAY, 9, 1))
    night(MONDAY)
    await run('upload')
    await space.write(`presences/a/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 3))
    await space.write(`presences/a/2026-11-22`, seen(STRANGER, '2026-11-22', 9, 1))
    night('2026-11-22')
    expect((await run('upload')).posts).toEqual([`${TUESDAY} ${ANA} 0.5`])
  })

  test.each([
    ['a nightly run', ['upload'], 'The next night looks again at what was to be caught up.'],
    ['an upload', ['upload', TUESDAY], `left undone on ${TUESDAY}: run this again.`],
    ['a replay', ['reupload', PHONE, '--period', TUESDAY], 'run this again.'],
  ])(
    '%s that can not write down what is open tells what it did all the same',
    async (_, args, advice) => {
      await space.write(
        `presences/a/${TUESDAY}`,
        seen(PHONE, TUESDAY, 9, 30) + seen(BOBS, TUESDAY, 9, 3),
      )
      await space.write(`presences/b/${MONDAY}`, seen(STRANGER, MONDAY, 9, 1))
      night(MONDAY)
      await run('upload')
      await space.write(`presences/a/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
      night(TUESDAY)
      space.tickets.setFaults(({ path }) =>
        path === '/api/presence' ? { status: 503 } : undefined,
      )
      const { code, out, errors } = await runForgetful(...args)
      expect(code).toBe(1)
      expect(errors).toContain(`Can't write jobs/nightly.json: the disk is full. `)
      expect(errors).toContain(advice)
      expect(out.join('\n')).toMatch(new RegExp(`${TUESDAY} .*${ANA} .* NOT POSTED`))
      space.tickets.setFaults(undefined)
      const { code: last, posts } = await run('upload')
      expect(last).toBe(0)
      expect(posts).toContain(`${TUESDAY} ${ANA} 1`)
    },
  )

  test('a night whose memory alone can not be written has something to do', async () => {
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(MONDAY)
    const { code, out } = await runForgetful('upload')
    expect(code).toBe(1)
    expect(space.tickets.posts.map(({ amount }) => amount)).toEqual(['0.5'])
    const [english, french] = out.slice(-2)
    expect(english).toMatch(/to do: 1 note of what is left undone could not be kept, see the log$/)
    expect(french).toMatch(/à faire : 1 note .* n'a pas pu être gardée, voir le journal$/)
    expect((await run('upload')).code).toBe(0)
  })

  test('a file that came late while the nightly run failed, and its day grew too old', async () => {
    space.env.CATCH_UP_DAYS = '2'
    for (const day of [MONDAY, TUESDAY, WEDNESDAY, '2026-11-22']) {
      await space.write(`presences/a/${day}`, seen(STRANGER, day, 9, 1))
    }
    for (const day of [MONDAY, TUESDAY]) {
      night(day)
      await run('upload')
    }
    await space.write(`presences/b/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(WEDNESDAY)
    space.tickets.setFaults(({ path }) => (path === '/api/mac' ? { status: 503 } : undefined))
    expect((await run('upload')).code).toBe(3)
    space.tickets.setFaults(undefined)
    night('2026-11-22')
    expect((await run('upload')).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
  })
})

test('an e-mail that becomes another member’s takes nothing of the first one’s past with it', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
  night(MONDAY)
  await run('upload')
  Object.assign(space.tickets.state.member(BOB), { email: 'bob@new.example.org' })
  await space.write(`presences/a/${TUESDAY}`, seen(STRANGER, TUESDAY, 9, 1))
  night(TUESDAY)
  await run('upload')
  const CAROLS = 'CC:00:00:00:00:09'
  space.tickets.state.addMember({
    email: BOB,
    firstName: 'Carol',
    lastName: 'Roth',
    macs: [CAROLS],
  })
  await space.write(
    `presences/a/${WEDNESDAY}`,
    seen(CAROLS, WEDNESDAY, 9, 3) + seen(BOBS, WEDNESDAY, 9, 30),
  )
  night(WEDNESDAY)
  expect((await run('upload')).posts.sort()).toEqual([
    `${WEDNESDAY} ${BOB} 0.5`,
    `${WEDNESDAY} bob@new.example.org 1`,
  ])
  await space.write(`presences/b/${MONDAY}`, seen(BOBS, MONDAY, 12, 28))
  expect((await run('upload')).posts).toEqual([`${MONDAY} bob@new.example.org 1`])
})

test('a room whose box is silent is named, charged for what was seen, and looked at again', async () => {
  for (const clock of ['10:00', '10:10', '10:20'])
    await space.write(
      ...look('a', new Date(`${MONDAY}T${clock}:00+01:00`), { macs: [PHONE as Mac] }),
    )
  night(MONDAY)
  const { posts, nightly, errors, code } = await run('upload')
  expect(posts).toEqual([`${MONDAY} ${ANA} 0.5`])
  expect(code).toBe(0)
  expect(nightly).toContain('1 room looked at too little, check the box')
  expect(errors).toContain(
    `${MONDAY}: a was looked at 0 % of the opening hours: the day is incomplete`,
  )
  expect((await ledgerOf(MONDAY)).incomplete).toEqual(['a'])
})

test('a charge is not lowered by the run after one that held it', async () => {
  await space.write('presences/a/2026-11-13', seen(STRANGER, '2026-11-13', 9, 1))
  night('2026-11-13')
  await run('upload')
  space.tickets.state.storePost(space.tickets.state.member(ANA), MONDAY, 1)
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  night(WEDNESDAY)
  for (let time = 0; time < 2; time += 1) {
    const { posts, lines } = await run('upload', MONDAY)
    expect(posts).toEqual([])
    expect(lines[0]).toContain(`${MONDAY} ${ANA} 1.0 → 0.5 hold`)
  }
})

test('a replay of an old day that failed is healed by the next night, however old the day', async () => {
  const OLD = '2026-06-15'
  await space.write(`presences/a/${OLD}`, seen(PHONE, OLD, 9, 3))
  await space.write(`presences/a/${MONDAY}`, seen(STRANGER, MONDAY, 9, 1))
  night(MONDAY)
  await run('upload')
  space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 404 } : undefined))
  expect((await run('reupload', PHONE, '--period', OLD)).code).toBe(1)
  space.tickets.setFaults(undefined)
  expect((await run('upload')).posts).toEqual([`${OLD} ${ANA} 0.5`])
})

test('a device seen only outside the opening hours is no failure of its replay', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 23, 2))
  night(MONDAY)
  const { code, lines } = await run('reupload', PHONE, '--period', MONDAY)
  expect(code).toBe(0)
  expect(lines[0]).toContain(`${ANA}: outside the opening hours, nothing to charge`)
})

test('an e-mail that changes on the day of a charge keeps it', async () => {
  await space.write(`presences/a/${MONDAY}`, seen(BOBS, MONDAY, 9, 3))
  night(MONDAY)
  await run('upload')
  Object.assign(space.tickets.state.member(BOB), { email: 'bob@new.example.org' })
  const { posts, lines } = await run('upload')
  expect(posts).toEqual([])
  expect(lines).toEqual([`${MONDAY} bob@new.example.org 0.5 → 0.5 skip: already so`])
})
