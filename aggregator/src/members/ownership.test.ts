import { expect, test } from 'vitest'
import {
  ANA,
  BOB,
  LAPTOP,
  mapOf,
  NO_EMAIL,
  PHONE,
  ROUTER,
  SPACE,
} from '../../testing/sample-maps.ts'
import { memberOwner, ownersOf, unchargedOwner, whyUncharged } from './ownership.ts'

test('the owners of a map: who is charged, and who is not', () => {
  const owners = ownersOf(mapOf([PHONE, ANA], [LAPTOP, ANA, BOB], [ROUTER, SPACE]))
  expect([...owners].map(([mac, { owner, source }]) => [mac, owner, source])).toEqual([
    [PHONE, { kind: 'member', email: 'ana@example.org', name: 'Ana Martin' }, 'map'],
    [LAPTOP, { kind: 'ambiguous', name: 'ana@example.org / bob@example.org' }, 'map'],
    [ROUTER, { kind: 'excluded', name: 'space@example.org' }, 'map'],
  ])
})

test('two devices of one member have one owner', () => {
  const owners = ownersOf(mapOf([PHONE, ANA], [LAPTOP, ANA]))
  expect(owners.get(PHONE)?.owner).toBe(owners.get(LAPTOP)?.owner)
})

test.each([
  [ANA, 'Ana Martin'],
  [{ ...ANA, firstName: '' }, 'Martin'],
  [{ ...ANA, firstName: '', lastName: '' }, 'ana@example.org'],
  [{ email: '', firstName: '', lastName: '' }, 'A member without a name'],
])('%j is called %s', (member, name) => {
  expect(memberOwner(member).name).toBe(name)
})

test('whoever is not charged is told by e-mail, or by name, with what to do', () => {
  const owner = unchargedOwner({ why: 'ambiguous', members: [BOB, NO_EMAIL] })
  expect(whyUncharged(owner, [PHONE, LAPTOP])).toBe(
    'bob@example.org / Ana Martin both claim this device: remove it from one of them at the ticket server, then replay it (00:00:…:01, 00:00:…:02)',
  )
})
