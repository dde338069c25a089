/** Minor number of a Talos version: 8 of `v1.8.4`. */
export const minorOf = (version: string): number => Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? 0);

/** Whether one release came before another. */
export function isBefore(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.slice(1).split('.').map(Number));
  const at = [0, 1, 2].find((n) => a?.[n] !== b?.[n]);
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}

/** Kubernetes release that came with it, for images and node info. */
export const kubernetesOf = (version: string): string => `v1.${minorOf(version) + 23}.1`;
