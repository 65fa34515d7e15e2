/** The sentences in French: plain words, for members who are no engineers. 0 and 0,5 are singular. */
import { format } from 'date-fns/format'
import { fr } from 'date-fns/locale/fr'
import type { ExplainedDecision } from './explanation.ts'
import type { Gaps, Span, Words } from './words.ts'
import { clockOf, dateOf, listed, withoutStop } from './words-parts.ts'

const counted = (count: number, one: string) => `${count} ${one}${count < 2 ? '' : 's'}`
const fromTo = ({ from, to }: Span) => `de ${from} à ${to}`
const between = ({ from, to }: Span) => (from === to ? `à ${from}` : `entre ${from} et ${to}`)
const ofADay = (amount: number) => (amount === 1 ? 'une journée entière' : 'une demi-journée')

function during(gaps: Gaps): string {
  if ('spans' in gaps) return listed(gaps.spans.map(fromTo), 'et')
  const { minutes, pieces, longest } = gaps
  return `pendant ${counted(minutes, 'minute')} en ${pieces} fois, la plus longue ${fromTo(longest)}`
}

export const french: Words = {
  ticket: (amount) =>
    amount === 0 ? 'aucun ticket' : `${String(amount).replace('.', ',')} ticket`,
  slots: (count) => counted(count, 'tranche'),
  date: (iso) => format(dateOf(iso), 'EEEE do MMMM y', { locale: fr }),
  seen({ span, slotCount, deviceCount, locations, amount, needed, next }) {
    const by = `avec ${counted(deviceCount, 'appareil')} à ${listed(locations, 'et')}`
    const makes = `${french.slots(slotCount)} ${between(span)}, ${by} : ${french.ticket(amount)}`
    if (!next) return `${makes} ; il en faut ${needed}.`
    const more = `pour ${french.ticket(next.amount)}`
    if (amount === 0) return `${makes} ; il faut ${french.slots(needed)} ${more}.`
    return `${makes} ; il en faut ${needed}, et ${next.needed} ${more}.`
  },
  seenOutside: (count, { from, to }) =>
    `${counted(count, 'appareil')} ${count < 2 ? 'a été vu' : 'ont été vus'}, mais seulement hors des heures d'ouverture (de ${from} à ${to}) : aucun ticket.`,
  notSeen: (email) => `Aucun appareil enregistré pour ${email} n'a été vu : aucun ticket.`,
  noDevice: (email) =>
    `Aucun appareil n'est enregistré pour ${email}, donc aucun n'a pu être vu : aucun ticket.`,
  notBegun: () => "Les heures d'ouverture n'ont pas encore commencé.",
  notOver: (clock) => `La journée n'est pas finie : voici ce que l'on savait à ${clock}.`,
  nearMiss: (slotCount, short, amount) =>
    `${french.slots(slotCount)} : il en manque ${short === 1 ? 'une' : 'deux'} pour ${ofADay(amount)}.`,
  slotMeans: ({ from, to }) =>
    `Une tranche, ce sont dix minutes des heures d'ouverture (de ${from} à ${to}) où un appareil a été vu au moins une fois.`,
  device({ mac, location, slotCount, minutes, span, outsideMinutes }) {
    const where = `Appareil ${mac} à ${location}`
    const outside = counted(outsideMinutes, 'minute')
    const counts = outsideMinutes < 2 ? 'ne compte pas' : 'ne comptent pas'
    if (!span) return `${where} : ${outside} hors des heures d'ouverture, qui ${counts}.`
    const seen = `${where} : ${french.slots(slotCount)}, ${counted(minutes, 'minute')} ${between(span)}.`
    return outsideMinutes === 0
      ? seen
      : `${seen} ${outside} de plus hors des heures d'ouverture ${counts}.`
  },
  owner(source, macs) {
    const devices = listed(macs, 'et')
    const s = macs.length < 2 ? '' : 's'
    if (source === 'map') return `Enregistré${s} pour ce membre ce jour-là : ${devices}.`
    if (source === 'audit') {
      return `À ce membre ce jour-là, d'après l'historique du serveur de tickets : ${devices}.`
    }
    return `Connu${s} seulement à partir d'un jour plus tardif, donc compté${s} pour ${s ? 'leur' : 'son'} premier propriétaire : ${devices}.`
  },
  hole: (location, gaps) => `Aucune sonde ne regardait ${location} ${during(gaps)}.`,
  neverLooked: (location) =>
    `Aucune sonde ne regardait ${location} pendant les heures d'ouverture.`,
  silentSince: (location, clock) => `Rien n'est arrivé de la salle ${location} depuis ${clock}.`,
  lookingUnknown: (location) =>
    `On ne sait pas quand une sonde regardait ${location} : les fichiers de l'ancien format ne le disent pas.`,
  partial: (location, gaps) =>
    `À ${location}, une partie de la recherche a échoué ${during(gaps)} : un appareil a pu être manqué.`,
  withdrawn({ location, probe, span, by, at, because }) {
    const what = probe === null ? 'Ce qui a été vu' : `Ce que la sonde ${probe} a vu`
    const when = `retiré par ${by} le ${french.date(at)}`
    return `${what} à ${location} ${fromTo(span)} ne compte pas : ${when}, motif : ${withoutStop(because)}.`
  },
  nobodySeenThen: () => "Quand aucune sonde ne regarde, personne n'est vu.",
  lookedPercent: (percent) => `Les sondes regardaient pendant ${percent} % des heures d'ouverture.`,
  unread: (location) =>
    `Une partie de ce qui a été enregistré à ${location} n'a pas pu être lue : elle peut montrer davantage et sera relue.`,
  incomplete: () => 'Cette journée est incomplète : on en ignore une trop grande part.',
  charged: (amount) =>
    amount === 0
      ? "En l'état, rien n'est débité."
      : `En l'état, ${french.ticket(amount)} est débité.`,
  noHistory: () => "Aucune décision n'est enregistrée pour cette journée.",
  decision(made) {
    const { at, kind, by, computed, slotCount, decision, reason } = made
    const when = `${french.date(at)} à ${clockOf(at)}`
    const why = `Motif : ${withoutStop(reason)}.`
    if (decision === 'close') return `${when} : clos par ${by}, plus rien n'est fait. ${why}`
    if (decision === 'reopen') return `${when} : rouvert par ${by}. ${why}`
    if (kind === 'rebuild')
      return `${when} : ce registre était perdu, et a été refait par ${by}. ${why}`
    const run = `${when}, ${RUNS[kind]} (${by})`
    const from = `${french.ticket(computed)} pour ${french.slots(slotCount)}`
    return `${run} : ${from} ; ${outcomeOf(made)}. ${why}`
  },
  picture: {
    counted: 'tranche qui compte',
    seen: 'appareil vu',
    outside: 'vu, ne compte pas',
    hole: 'aucune sonde ne regardait',
    withdrawn: 'retiré, ne compte pas',
    silent: "rien d'arrivé encore",
    now: 'maintenant',
    nobody: "Aucun appareil n'a été vu.",
    none: 'aucun',
  },
}

const RUNS: Record<ExplainedDecision['kind'], string> = {
  nightly: 'passage de la nuit',
  upload: 'passage demandé',
  replay: 'rejeu',
  'catch-up': 'rattrapage',
  close: 'clôture',
  rebuild: 'réfection',
}

function outcomeOf({ decision, outcome, computed, answer }: ExplainedDecision): string {
  if (decision === 'skip') return 'rien à faire'
  if (decision === 'hold') return 'mis en attente, une personne doit regarder'
  if (outcome === 'posted') return computed === 0 ? 'débit annulé' : 'débité'
  const because = answer ? ` (${withoutStop(answer)})` : ''
  if (outcome === 'refused') return `refusé par le serveur de tickets${because}`
  if (outcome === 'unknown') return `pas de réponse claire du serveur de tickets${because}`
  return "en cours d'envoi, ou interrompu pendant l'envoi"
}
