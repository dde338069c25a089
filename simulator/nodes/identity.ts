import { createHash } from 'node:crypto';

/** Everything that a machine is born with comes from the cluster's seed, so that two runs with one seed agree. */
const digest = (...parts: readonly string[]): Buffer => createHash('sha256').update(parts.join('\0')).digest();

export const GIB = 1024 ** 3;

export type Disk = {
  name: string;
  sizeBytes: number;
  model: string;
  serial: string;
  wwid: string;
  transport: string;
  isSystem: boolean;
};
export type Hardware = {
  uuid: string;
  serialNumber: string;
  manufacturer: string;
  productName: string;
  links: { name: string; mac: string; driver: string }[];
  disks: Disk[];
};

export function uuidFrom(...parts: readonly string[]): string {
  const hex = digest('uuid', ...parts).toString('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const secretFrom = (bytes: number, ...parts: readonly string[]): string =>
  Buffer.concat([digest('secret', ...parts), digest('more', ...parts)])
    .subarray(0, bytes)
    .toString('base64');

/** A bootstrap token: `abcdef.0123456789abcdef`. */
export function tokenFrom(...parts: readonly string[]): string {
  const text = BigInt(`0x${digest('token', ...parts).toString('hex')}`).toString(36);
  return `${text.slice(0, 6)}.${text.slice(6, 22)}`;
}

export const nodeIdFrom = (...parts: readonly string[]): string => digest('node-id', ...parts).toString('base64url');

/** `talos-xxx-xxx`: stable as long as the node identity is. Source: Talos, stableHostname. */
export function generatedHostname(nodeId: string): string {
  const text = BigInt(`0x${digest('hostname', nodeId).toString('hex')}`).toString(36);
  return `talos-${text.slice(0, 3)}-${text.slice(3, 6)}`;
}

/** uint64 as a decimal string, never zero, which means "no member" to etcd. */
export const etcdIdFrom = (...parts: readonly string[]): string =>
  (
    BigInt(
      `0x${digest('etcd', ...parts)
        .toString('hex')
        .slice(0, 16)}`,
    ) | 1n
  ).toString();

export const etcdIdHex = (id: string): string => BigInt(id).toString(16).padStart(16, '0');

export const hexOf = (length: number, ...parts: readonly string[]): string =>
  digest(...parts)
    .toString('hex')
    .slice(0, length);

function macFrom(prefix: string, ...parts: readonly string[]): string {
  const hex = hexOf(8, 'mac', ...parts);
  return [prefix, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4, 6), hex.slice(6, 8)].join(':');
}

/** A rented cloud server with one virtual disk. */
export function cloudMachine(...parts: readonly string[]): Hardware {
  return {
    uuid: uuidFrom('machine', ...parts),
    serialNumber: String(40_000_000 + digest('serial', ...parts).readUInt16BE(0)),
    manufacturer: 'Hetzner',
    productName: 'vServer',
    links: [{ name: 'eth0', mac: macFrom('96:00', ...parts), driver: 'virtio_net' }],
    disks: [
      {
        name: 'sda',
        sizeBytes: 80 * GIB,
        model: 'QEMU HARDDISK',
        serial: `drive-scsi0-${hexOf(6, 'disk', ...parts)}`,
        wwid: `t10.ATA     QEMU HARDDISK   ${hexOf(16, 'wwid', ...parts)}`,
        transport: 'virtio',
        isSystem: true,
      },
    ],
  };
}

/** A fast disk on the PCI bus, numbered from 0. */
export const nvmeDisk = (n: number, isSystem: boolean, ...parts: readonly string[]): Disk => ({
  name: `nvme${n}n1`,
  sizeBytes: 894 * GIB,
  model: 'SAMSUNG MZQL2960HCJR-00A07',
  serial: `S64FNE0R${hexOf(6, 'nvme', ...parts).toUpperCase()}`,
  wwid: `eui.${hexOf(32, 'nvme-wwid', ...parts)}`,
  transport: 'nvme',
  isSystem,
});

/** A rack server: the system disk behind a RAID controller, a data disk on NVMe. */
export function rackMachine(...parts: readonly string[]): Hardware {
  return {
    uuid: uuidFrom('machine', ...parts),
    serialNumber: hexOf(7, 'serial', ...parts).toUpperCase(),
    manufacturer: 'Dell Inc.',
    productName: 'PowerEdge R730xd',
    links: [
      { name: 'eno1', mac: macFrom('b0:83', ...parts, '1'), driver: 'ixgbe' },
      { name: 'eno2', mac: macFrom('b0:83', ...parts, '2'), driver: 'ixgbe' },
    ],
    disks: [
      {
        name: 'sda',
        sizeBytes: 447 * GIB,
        model: 'PERC H730 Mini',
        serial: hexOf(16, 'disk', ...parts),
        wwid: `naa.6${hexOf(31, 'wwid', ...parts)}`,
        transport: '',
        isSystem: true,
      },
      nvmeDisk(0, false, ...parts),
    ],
  };
}
