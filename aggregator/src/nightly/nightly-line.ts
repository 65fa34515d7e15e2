/** The sentence at the end of `upload`, in English and in French: what was done, and what there is to do. */

/** A run in numbers. */
export interface NightlyCounts {
  /** Members charged for the days that were asked for, and their tickets. */
  readonly members: number
  readonly tickets: number
  /** The share of the opening hours probes looked at; `undefined`: not known. */
  readonly coveragePercent: number | undefined
  /** Days of the past on which something was posted late. */
  readonly daysCaughtUp: number
  /** Days of a room that would have been others, had people not taken evidence out of account. */
  readonly roomDaysWithdrawn: number
  readonly todo: Todo
}

/** What a person or a later run has to do, as numbers of cases. */
export interface Todo {
  readonly failedPosts: number
  readonly unreadableDays: number
  /** Days that people may have corrected while they were posted: nobody could say. */
  readonly unasked: number
  /** A person set a day, and the ticket server holds something else. */
  readonly covered: number
  readonly heldToLook: number
  readonly heldToRetry: number
  /** Amounts that were to be charged and never were, and what they were for is lost. */
  readonly lost: number
  readonly uncharged: number
  /** People who were there and are no members any more: told once. */
  readonly gone: number
  /** Devices that vanished from the member map, when they are more than a tenth. */
  readonly lostDevices: number
  readonly daysWithoutData: number
  readonly damagedFiles: number
  /** Lines that can't be read, in files of which others can. */
  readonly damagedLines: number
  /** Looked at less than `MIN_COVERAGE`: what was seen is charged, and the day looked at again. */
  readonly roomsNotLookedAt: number
  /** Of which something could not be read: the other rooms are charged, and the day is looked at again. */
  readonly roomsUnread: number
  readonly proposals: number
  /** Rooms that have files, and that nobody has accepted yet. */
  readonly roomsWaiting: number
  /** Folders that no room is called. */
  readonly foldersIgnored: number
  /** What the next nightly run should know of, and will not: it could not be written down. */
  readonly unremembered: number
  /** Notes about runs that were damaged: they are kept under another name, and made again. */
  readonly setAside: number
}

/** The English sentence: "27 members, 24.5 tickets, probes looked 100 %, 1 day caught up, nothing to do". */
export function englishLine(counts: NightlyCounts): string {
  const { members, tickets, coveragePercent, daysCaughtUp, roomDaysWithdrawn, todo } = counts
  return [
    plural(members, 'member', 'members'),
    `${tickets.toFixed(1)} ${tickets === 1 ? 'ticket' : 'tickets'}`,
    coveragePercent === undefined ? 'looking unknown' : `probes looked ${coveragePercent} %`,
    ...(daysCaughtUp > 0 ? [`${plural(daysCaughtUp, 'day', 'days')} caught up`] : []),
    ...(roomDaysWithdrawn > 0
      ? [`${plural(roomDaysWithdrawn, 'room and day', 'rooms and days')} with evidence withdrawn`]
      : []),
    list(todo, ENGLISH, 'to do: ', '; ') ?? 'nothing to do',
  ].join(', ')
}

/** The French one: « 27 membres, 24,5 tickets, les sondes ont regardé 100 % du temps, 1 jour rattrapé, rien à faire ». */
export function frenchLine(counts: NightlyCounts): string {
  const { members, tickets, coveragePercent, daysCaughtUp, roomDaysWithdrawn, todo } = counts
  return [
    plural(members, 'membre', 'membres', FRENCH_PLURAL_FROM),
    // In French, the plural begins with two: 1,5 ticket.
    `${tickets.toFixed(1).replace('.', ',')} ${tickets < FRENCH_PLURAL_FROM ? 'ticket' : 'tickets'}`,
    coveragePercent === undefined
      ? 'temps regardé inconnu'
      : `les sondes ont regardé ${coveragePercent} % du temps`,
    ...(daysCaughtUp > 0
      ? [`${plural(daysCaughtUp, 'jour rattrapé', 'jours rattrapés', FRENCH_PLURAL_FROM)}`]
      : []),
    ...(roomDaysWithdrawn > 0
      ? [`données retirées sur ${french(roomDaysWithdrawn, 'jour de salle', 'jours de salle')}`]
      : []),
    list(todo, FRENCH, 'à faire : ', ' ; ') ?? 'rien à faire',
  ].join(', ')
}

/** True when somebody, or a later run, has something to do. */
export function hasTodo(todo: Todo): boolean {
  return Object.values(todo).some((count) => count > 0)
}

const FRENCH_PLURAL_FROM = 2

type Words = Readonly<Record<keyof Todo, (count: number) => string>>

const ENGLISH: Words = {
  failedPosts: (n) => `${plural(n, 'post', 'posts')} failed, tried again at the next run`,
  unreadableDays: (n) =>
    `${plural(n, 'day', 'days')} could not be read, tried again at the next run`,
  covered: (n) => `${plural(n, 'correction', 'corrections')} covered by a post, put it back`,
  unasked: (n) =>
    `${plural(n, 'day', 'days')} perhaps corrected meanwhile, asked again at the next run`,
  heldToLook: (n) => `${plural(n, 'amount', 'amounts')} held, somebody must look`,
  heldToRetry: (n) => `${plural(n, 'amount', 'amounts')} held until the ticket server can be asked`,
  lost: (n) =>
    `${plural(n, 'amount', 'amounts')} never charged whose data is lost, put it back or set the day by hand`,
  uncharged: (n) => `${plural(n, 'person', 'people')} could not be charged`,
  gone: (n) => `${plural(n, 'person', 'people')} no member any more, nobody to charge`,
  lostDevices: (n) =>
    `${plural(n, 'device', 'devices')} vanished from the member list, look at the ticket server`,
  daysWithoutData: (n) => `${plural(n, 'day', 'days')} without any file, check the boxes`,
  roomsNotLookedAt: (n) => `${plural(n, 'room', 'rooms')} looked at too little, check the box`,
  roomsUnread: (n) => `${plural(n, 'room', 'rooms')} could not be read wholly, see the log`,
  damagedFiles: (n) => `${plural(n, 'file', 'files')} damaged, see the log`,
  damagedLines: (n) => `${plural(n, 'line', 'lines')} could not be read, see the log`,
  proposals: (n) => `${plural(n, 'device', 'devices')} registered late to replay`,
  roomsWaiting: (n) =>
    `${plural(n, 'new room', 'new rooms')} not charged until accepted: presences-aggregator locations`,
  foldersIgnored: (n) =>
    `${plural(n, 'folder', 'folders')} in the bucket no room is called, ignored, see the log`,
  unremembered: (n) =>
    `${plural(n, 'note', 'notes')} of what is left undone could not be kept, see the log`,
  setAside: (n) =>
    `${plural(n, 'note', 'notes')} of the program damaged, set aside and made again, see the log`,
}

const FRENCH: Words = {
  failedPosts: (n) =>
    `${french(n, 'envoi a échoué', 'envois ont échoué')}, nouvel essai au prochain passage`,
  unreadableDays: (n) =>
    `${french(n, "jour n'a pas pu être lu", "jours n'ont pas pu être lus")}, nouvel essai au prochain passage`,
  covered: (n) =>
    `${french(n, 'correction recouverte', 'corrections recouvertes')} par un envoi, à remettre`,
  unasked: (n) =>
    `${french(n, 'jour peut-être corrigé', 'jours peut-être corrigés')} entre-temps, vérifié au prochain passage`,
  heldToLook: (n) => `${french(n, 'montant retenu', 'montants retenus')}, à regarder`,
  heldToRetry: (n) =>
    `${french(n, 'montant retenu', 'montants retenus')} en attendant le serveur de tickets`,
  lost: (n) =>
    `${french(n, 'montant jamais débité dont les données sont perdues', 'montants jamais débités dont les données sont perdues')}, à rétablir ou à saisir`,
  uncharged: (n) =>
    `${french(n, "personne n'a pas pu être débitée", "personnes n'ont pas pu être débitées")}`,
  gone: (n) =>
    `${french(n, "personne n'est plus membre", 'personnes ne sont plus membres')}, personne à débiter`,
  lostDevices: (n) =>
    `${french(n, 'appareil disparu', 'appareils disparus')} de la liste des membres, voir le serveur de tickets`,
  daysWithoutData: (n) => `${french(n, 'jour', 'jours')} sans aucun fichier, vérifier les boîtiers`,
  roomsNotLookedAt: (n) =>
    `${french(n, 'salle trop peu regardée', 'salles trop peu regardées')}, vérifier le boîtier`,
  roomsUnread: (n) =>
    `${french(n, "salle n'a pas pu être lue", "salles n'ont pas pu être lues")} en entier, voir le journal`,
  damagedFiles: (n) => `${french(n, 'fichier abîmé', 'fichiers abîmés')}, voir le journal`,
  damagedLines: (n) => `${french(n, 'ligne illisible', 'lignes illisibles')}, voir le journal`,
  proposals: (n) => `${french(n, 'appareil déclaré', 'appareils déclarés')} tard à rejouer`,
  roomsWaiting: (n) =>
    `${french(n, 'nouvelle salle non débitée', 'nouvelles salles non débitées')} tant que non acceptée : presences-aggregator locations`,
  foldersIgnored: (n) =>
    `${french(n, 'dossier ignoré', 'dossiers ignorés')} (pas un nom de salle), voir le journal`,
  unremembered: (n) =>
    `${french(n, "note de ce qui reste à faire n'a pas pu être gardée", "notes de ce qui reste à faire n'ont pas pu être gardées")}, voir le journal`,
  setAside: (n) =>
    `${french(n, 'note du programme abîmée, mise de côté et refaite', 'notes du programme abîmées, mises de côté et refaites')}, voir le journal`,
}

function list(todo: Todo, words: Words, before: string, between: string): string | undefined {
  const items = (Object.keys(words) as (keyof Todo)[])
    .filter((key) => todo[key] > 0)
    .map((key) => words[key](todo[key]))
  return items.length === 0 ? undefined : before + items.join(between)
}

function french(count: number, one: string, many: string): string {
  return plural(count, one, many, FRENCH_PLURAL_FROM)
}

/** Without `from`, everything but 1 is plural (0 members); in French, from 2 on (0 membre). */
function plural(count: number, one: string, many: string, from?: number): string {
  const isOne = from === undefined ? count === 1 : count < from
  return `${count} ${isOne ? one : many}`
}
