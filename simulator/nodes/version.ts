/** Minor number of a Talos version: 8 of `v1.8.4`. */
export const minorOf = (version: string): number => Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? 0);

/** Kubernetes release that came with it, for images and node info. */
export const kubernetesOf = (version: string): string => `v1.${minorOf(version) + 23}.1`;
