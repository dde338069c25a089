/** Everything that can go wrong between us and Image Factory, as values. */
export type FactoryError = {
  readonly code: FactoryErrorCode;
  /** Base URL of the factory that was asked. */
  readonly factory: string;
  /** What was asked: `POST /schematics`. */
  readonly source: string;
  /** For the record: what it said, or what the connection said; plain and cut. Nothing decides on it. */
  readonly text: string;
};

export type FactoryErrorCode =
  | 'down'
  | 'no_answer'
  | 'failed'
  | 'refused'
  | 'not_found'
  | 'not_authorized'
  | 'redirected'
  | 'too_large'
  | 'malformed'
  | 'altered'
  | 'not_asked';

/** What is wrong, and what to do. Nothing was changed in any case: that is for the caller to say. */
export function describeFactoryError({ code, factory, source, text }: FactoryError): string {
  const said = text === '' ? '' : `: ${text}`;
  switch (code) {
    case 'down':
      return `Image Factory at ${factory} cannot be reached (${text || 'no connection'}). Check it and the way there, then plan again.`;
    case 'no_answer':
      return `Image Factory at ${factory} did not answer ${source} in time. It may still be building the image: plan again in a few minutes.`;
    case 'failed':
      return `Image Factory at ${factory} failed at ${source}${said}. Look at its log, or plan again later.`;
    case 'refused':
      return `Image Factory at ${factory} refuses ${source}${said}. Choose other extensions or another version.`;
    case 'not_found':
      return `Image Factory at ${factory} does not know ${source}${said}. Check that it is the factory that built the node's image.`;
    case 'not_authorized':
      return `Image Factory at ${factory} wants a login for ${source}, and Medic has none. Let Medic in without one, or name another factory in Medic's configuration.`;
    case 'redirected':
      return `Image Factory at ${factory} sends ${source} elsewhere${said}. Put the address where it really is into Medic's configuration.`;
    case 'too_large':
      return `Image Factory at ${factory} answered ${source} with far too much. Check that the address is that of an Image Factory.`;
    case 'malformed':
      return `Image Factory at ${factory} answered ${source} in a shape that Medic does not know${said}. Check that the address is that of an Image Factory.`;
    case 'altered':
      return `Image Factory at ${factory} stored another schematic than it was given${said}. Do not use its images before that is understood.`;
    case 'not_asked':
      return `Image Factory was not asked${said}.`;
  }
}
