import { createTicketState } from '@presences/aggregator/testing/stand-ins/tickets/state.ts'
import { expect, test } from 'vitest'
import type { NotedPost } from '../space/space.ts'
import { dayKey, type World } from '../world/world.ts'
import { coveredDays, judgeCovered } from './covered.ts'

const DAY = '2030-11-04'

/** Ana's day as a person and a post left it, in this order. */
function told(acts: readonly ('set' | 'post')[], line: string): string[] {
  const state = createTicketState(() => new Date(0))
  const member = state.addMember({ email: 'ana@x' })
  const world = {
    people: [{ id: member.id, leftOn: undefined }],
    corrections: new Map<string, unknown[]>(),
    closings: new Map(),
  }
  const posts: NotedPost[] = []
  for (const [order, act] of acts.entries()) {
    if (act === 'post') {
      state.storePost(member, DAY, 1)
      posts.push({ memberId: member.id, date: DAY, amount: 1, order } as NotedPost)
      continue
    }
    const key = dayKey(member.id, DAY)
    state.correctDay({ email: 'ana@x', date: DAY, value: 0.5, comment: '' })
    world.corrections.set(key, [...(world.corrections.get(key) ?? []), { order, value: 0.5 }])
  }
  const failures: string[] = []
  const ran = { name: 'run7', out: [line] }
  judgeCovered(ran, DAY, { posts, state }, world as unknown as World, (...fail) =>
    failures.push(fail.join(' ')),
  )
  const covered = coveredDays({ posts, state }, world as unknown as World)
  return failures.length > 0 ? failures : covered.map(() => 'told')
}

const TOLD = '3 members, to do: 1 correction covered by a post, put it back'
const SILENT = '3 members, nothing to do'

test.each<[string, ('set' | 'post')[], string, string[]]>([
  ['covered and told', ['set', 'post'], TOLD, ['told']],
  ['covered in silence', ['set', 'post'], SILENT, [expect.stringContaining('told 0 covered')]],
  ['set after the post', ['post', 'set'], SILENT, []],
  ['covered and set anew', ['set', 'post', 'set'], SILENT, []],
  [
    'covered, where the day could not be read',
    ['set', 'post'],
    '1 day could not be read',
    ['told'],
  ],
])('a correction %s', (_, acts, line, expected) => {
  expect(told(acts, line)).toEqual(expected)
})
