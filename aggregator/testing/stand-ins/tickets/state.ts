/**
 * What the stand-in ticket server knows: members, their devices, their days, the audit. Its methods are
 * what happens at the real server: a post of ours, and the acts of a person, which leave audit events.
 */
import { type Audit, type Author, createAudit } from './audit.ts'
import type { StandInMember } from './member.ts'

/** One member's day. The effective value is `overrideValue` where there is one. */
export interface Activity {
  readonly date: string
  readonly value: number
  readonly overrideValue?: number
}

/** What a test says of a member; what it leaves out has a default. */
export type NewMember = Partial<StandInMember> & { readonly email: string }

/** A person's edit of one day. `author` `null`, the default: it came with a key, not from a signed-in person. */
export interface Correction {
  readonly email: string
  readonly date: string
  readonly value: number
  readonly comment: string
  readonly author?: Author | null
}

/** Made by `createTicketState`. */
export type TicketState = ReturnType<typeof createTicketState>

/** An empty ticket server. `clock` gives the instant of each audit event. */
export function createTicketState(clock: () => Date) {
  const members: StandInMember[] = []
  const activities = new Map<string, Map<string, Activity>>()
  const audit: Audit = createAudit(clock)
  /** Never goes back: a number that was a gone member's would give their audit events to another. */
  let added = 0

  const member = (email: string): StandInMember => {
    const found = members.find((each) => each.email === email)
    if (!found) throw new Error(`The stand-in has no member ${email}`)
    return found
  }
  const daysOf = (id: string): Map<string, Activity> => {
    const days = activities.get(id) ?? new Map<string, Activity>()
    activities.set(id, days)
    return days
  }
  const addDevice = (email: string, mac: string): void => {
    const owner = member(email)
    owner.macs.push(mac.toUpperCase())
    audit.log('MEMBER_DEVICE_ADD', owner, { device: deviceOf(owner, mac) })
  }
  const removeDevice = (email: string, mac: string): void => {
    const owner = member(email)
    owner.macs = owner.macs.filter((each) => each !== mac.toUpperCase())
    audit.log('MEMBER_DEVICE_REMOVE', owner, { device: deviceOf(owner, mac) })
  }

  return {
    members,
    audit,
    member,
    daysOf,

    addMember(asked: NewMember): StandInMember {
      if (asked.id === undefined) added += 1
      const { firstName = '', lastName = '', trialDays = [], subscriptionDays = [] } = asked
      const made: StandInMember = {
        id: asked.id ?? `member${added}`,
        wpUserId: asked.wpUserId ?? 1000 + added,
        email: asked.email,
        firstName,
        lastName,
        trialDays: [...trialDays],
        subscriptionDays: [...subscriptionDays],
        macs: (asked.macs ?? []).map((mac) => mac.toUpperCase()),
      }
      members.push(made)
      return made
    },

    /** Takes a member away; their audit events stay, and make `/api/audit` fail. */
    removeMember(email: string): void {
      const { id } = member(email)
      members.splice(0, members.length, ...members.filter((each) => each.id !== id))
      activities.delete(id)
    },

    addDevice,
    removeDevice,

    /** A device changes hands: the server wants it removed from the one before it is added to the other. */
    moveDevice(mac: string, from: string, to: string): void {
      removeDevice(from, mac)
      addDevice(to, mac)
    },

    /** A member's phone gets another address: the same device, updated. */
    changeMac(email: string, mac: string, newMac: string): void {
      const owner = member(email)
      owner.macs = owner.macs.map((each) =>
        each === mac.toUpperCase() ? newMac.toUpperCase() : each,
      )
      audit.log('MEMBER_DEVICE_UPDATE', owner, {
        previousDevice: deviceOf(owner, mac),
        device: deviceOf(owner, newMac),
      })
    },

    /** The old form of the admin site: a member's whole list of addresses at once. */
    setMacs(email: string, macs: readonly string[]): void {
      const owner = member(email)
      const previousMacAddresses = owner.macs
      owner.macs = macs.map((mac) => mac.toUpperCase())
      audit.log('MEMBER_MAC_ADDRESSES_UPDATE', owner, {
        previousMacAddresses,
        macAddresses: owner.macs,
      })
    },

    /** Stores a posted amount: 0 deletes the day, any other value overwrites a person's correction. */
    storePost(owner: StandInMember, date: string, value: number): void {
      if (value === 0) daysOf(owner.id).delete(date)
      else {
        const overrideValue = owner.trialDays.includes(date) ? 0 : value
        daysOf(owner.id).set(date, { date, value, overrideValue })
      }
    },

    /** A person adds the day, or edits it when it is there. Any value is possible. */
    correctDay({ email, date, value, comment, author = null }: Correction): void {
      const owner = member(email)
      const previousActivity = daysOf(owner.id).get(date)
      const activity: Activity = previousActivity
        ? { date, value: previousActivity.value, overrideValue: value }
        : { date, value }
      daysOf(owner.id).set(date, activity)
      const action = previousActivity ? 'MEMBER_ACTIVITY_UPDATE' : 'MEMBER_ACTIVITY_ADD'
      audit.log(
        action,
        owner,
        { activity, ...(previousActivity && { previousActivity }), comment },
        author,
      )
    },

    /** The effective value of a member's day; `undefined` when the server has no such day. */
    amount(email: string, date: string): number | undefined {
      const activity = daysOf(member(email).id).get(date)
      return activity && effectiveValue(activity)
    },
  }
}

/** What a day counts for: the corrected value where there is one. */
export function effectiveValue({ value, overrideValue }: Activity): number {
  return overrideValue ?? value
}

function deviceOf(owner: StandInMember, mac: string): Record<string, unknown> {
  return { macAddress: mac.toUpperCase(), memberId: owner.id, name: '', type: 'UNKNOWN' }
}
