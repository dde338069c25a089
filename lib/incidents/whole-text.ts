/** Half of a surrogate pair, sent or made by cutting, has no UTF-8 form, so the audit trail would not take it. */
export const whole = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** The same record (of texts, numbers, lists and records) with whole texts. */
export const withWholeTexts = <T>(record: T): T =>
  JSON.parse(JSON.stringify(record, (_key, value: unknown) => (typeof value === 'string' ? whole(value) : value)));
