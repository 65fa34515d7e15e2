/**
 * The story of one world: people come and go, boxes look and ship, nights charge, things break; then a few
 * nights on which nothing breaks, and the judge. The same options give the same trail, to the byte.
 */

import type { Random } from '../random.ts'
import { calmed, type Faults, isOrderly } from './faults/faults.ts'
import { drawLongTroubles } from './faults/long-troubles.ts'
import { drawMissedNights } from './faults/missed-nights.ts'
import { judge } from './judge/judge.ts'
import { damageRollup, mendRollups, mustBeMended } from './life/bucket-care.ts'
import type { Life } from './life/life.ts'
import {
  earlyMorning,
  evening,
  firstNight,
  lastNight,
  night,
  SHIPPING,
  shipAt,
} from './life/nights.ts'
import { type Opening, openWorld, type SimulationOptions } from './life/opening.ts'
import { withdrawAndRestore } from './life/withdrawing.ts'
import { dayAfter, instantAt, MORNING_ACTS } from './runtime/civil-time.ts'
import type { Failure } from './runtime/failure.ts'
import type { Trail } from './runtime/trail.ts'
import type { StoreKind } from './space/space.ts'
import { actsOf } from './world/acts.ts'
import { planDay } from './world/habits.ts'

export type { SimulationOptions } from './life/opening.ts'

export interface Simulated {
  readonly failures: readonly Failure[]
  readonly trail: Trail
  readonly faults: Faults
  readonly firstDay: string
  readonly store: StoreKind
  /** What was simulated, for the table. */
  readonly counts: { readonly runs: number; readonly killed: number; readonly posts: number }
}

/** Eight days before the first run at most, nights that nothing disturbs at both ends, and two in between. */
export const LEAST_DAYS = 14
/** Nights without faults at the end: one to catch up, one to see that nothing is left. */
const HEALING_DAYS = 3
/** So many days before the end an object is damaged, and stays so: others must not suffer. */
const DAMAGE_DAYS = 9

export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const opening = await openWorld(options)
  const { life, firstDay, autoReplayDays, store, random } = opening
  const { world, space, boxes, trail, faults, counts } = life
  await liveDays(options.days, opening)
  mustBeMended(life)
  const lastDay = dayAfter(firstDay, options.days - 1)
  await lastNight(lastDay, life, random.fork('last'))
  counts.posts = space.posts.length
  const judged = {
    world,
    space,
    firstDay,
    days: options.days,
    autoReplayDays,
    isOrderly: isOrderly(faults),
  }
  const judgedFailures = judge(judged)
  await withdrawAndRestore(lastDay, life, random.fork('withdraw'))
  const failures = [...life.failures, ...boxes.flatMap((box) => box.failures()), ...judgedFailures]
  return { failures, trail, faults, firstDay, store, counts }
}

/** Day after day. */
async function liveDays(days: number, opening: Opening): Promise<void> {
  const { random, life, firstDay, prologueDays, actsWith } = opening
  const { world, space, boxes, time, faults } = life
  const fitting = { from: prologueDays + 2, to: days - HEALING_DAYS }
  const long = drawLongTroubles(faults, fitting, random.fork('long troubles'))
  const missed = drawMissedNights(faults, fitting, random.fork('missed nights'))
  const cutNights = failedNights(faults, prologueDays, random.fork('failed beginning'))
  const hasNight = (number: number) => long.hasNight(number) && !missed.has(number)
  for (let number = 0; number < days; number += 1) {
    const day = dayAfter(firstDay, number)
    const isHealing = number >= days - HEALING_DAYS
    // The night with which the ledger begins is watched by somebody.
    if (life.isCalm && !isHealing && hasLedger(space)) setFaults(life, faults)
    if (number === days - HEALING_DAYS) setFaults(life, calmed(faults))
    if (number === days - DAMAGE_DAYS) damageRollup(day, life, random.fork('damage'))
    if (number === long.damagedOn) damageRollup(day, life, random.fork('long damage'))
    if (number === long.mendedOn) mendRollups(life)
    const isMinded = number > prologueDays && hasNight(number)
    if (isMinded) await earlyMorning(day, life, random.fork(`early ${day}`))
    await time.advanceTo(instantAt(day, MORNING_ACTS))
    space.beginDay(!hasNight(number))
    if (!isHealing && number > 0)
      actsOf(day, { ...actsWith(random.fork(`acts ${day}`)), isDark: !hasNight(number) })
    if (number < cutNights) space.cut(true)
    const plan = planDay(world, random.fork(`plan ${day}`))
    for (const box of boxes) await box.scan(plan, instantAt(day, SHIPPING))
    if (number < prologueDays) await shipAt(day, life)
    else if (hasNight(number)) await night(day, life, random.fork(`night ${day}`))
    else await evening(day, life, random.fork(`evening ${day}`))
    space.cut(false)
    if (number === prologueDays && number > 0) await firstNight(day, firstDay, life)
    if (number === days - 1) break
    for (const box of boxes) await box.scan(plan, instantAt(dayAfter(day), 0))
  }
}

/** Of a space's first nights so many fail: the ticket server is down, and the days are to be charged all the same. */
function failedNights(faults: Faults, prologueDays: number, random: Random): number {
  return faults['failed-beginning'] > 0 && prologueDays === 0 ? random.between(1, 2) : 0
}

/** Where no box has shipped anything yet there is no night to begin with. */
function hasLedger({ bucket }: Life['space']): boolean {
  return bucket.firstKeys('ledger/').some((key) => key !== 'ledger/start.json')
}

function setFaults(life: Life, faults: Faults): void {
  const { space, boxes, trail } = life
  life.isCalm = faults !== life.faults
  const left = Object.entries(faults).filter(([, amount]) => amount > 0)
  trail.note(`faults from here on: ${left.map(([kind]) => kind).join(', ') || 'none'}`)
  space.setFaults(faults)
  for (const box of boxes) box.setFaults(faults)
}
