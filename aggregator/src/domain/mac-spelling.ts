/** Whole addresses are personal data: shown only to who asks for them. */
export type MacSpelling = 'short' | 'whole'
