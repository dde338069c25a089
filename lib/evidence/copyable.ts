/** The only values that go into commands which people copy: no space, quote, dollar or dash in front. */
const COPYABLE = /^[a-z0-9][a-z0-9.:-]*$/;
const MAX_LENGTH = 253; // of a DNS name

export const isCopyable = (value: string): boolean => value.length <= MAX_LENGTH && COPYABLE.test(value);

/** The parts of a command joined by spaces, or undefined where one of the outside values may not be copied. */
export function copyableCommand(
  parts: readonly (string | { readonly outside: string | undefined })[],
): string | undefined {
  const words = parts.map((part) => (typeof part === 'string' ? part : part.outside));
  const isSafe = parts.every(
    (part) => typeof part === 'string' || (part.outside !== undefined && isCopyable(part.outside)),
  );
  return isSafe ? words.join(' ') : undefined;
}
