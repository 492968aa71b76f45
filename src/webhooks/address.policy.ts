import { lookup as resolve, type LookupAddress } from 'node:dns';
import { lookup as resolveAll } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import * as ipaddr from 'ipaddr.js';
import { Settings } from '../settings/settings';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An address that webhooks must not reach. Its name alone is told: what it stands for within is nobody's business. */
export class RefusedAddressError extends Error {
  constructor(host: string) {
    super(`${host} is not a public address`);
    this.name = 'RefusedAddressError';
  }
}

/** Of IPv6 only this much is given out; of all else nothing is known that could be called public. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

const PORTS = { https: new Set(['', '443', '8443']), http: new Set(['', '80', '8080']) };

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** `::ffff:127.0.0.1` is 127.0.0.1; NAT64, 6to4 and Teredo have ranges of their own, none of them unicast. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}

/**
 * Where webhooks may go: to public addresses, over https. Asked when an endpoint is registered, before each try, and for
 * each address that a name turns out to have when it is connected to: what a name stood for before says nothing.
 */
@Injectable()
export class AddressPolicy {
  private readonly names: ReadonlySet<string>;
  private readonly networks: readonly Network[];
  private readonly httpAllowed: boolean;

  constructor({ webhookHttp, webhookPrivateHosts }: Settings) {
    this.httpAllowed = webhookHttp === 'allowed';
    this.networks = webhookPrivateHosts
      .filter((host) => ipaddr.isValidCIDR(host))
      .map((host) => ipaddr.parseCIDR(host));
    this.names = new Set(webhookPrivateHosts.map((host) => host.toLowerCase()));
  }

  /** What is wrong with this URL as it is written, or null. Odd forms of IPv4 (decimal, hex, octal) are read as such. */
  faultOf(text: string): string | null {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null) return 'is not a URL';
    if (url.protocol !== 'https:' && !(this.httpAllowed && url.protocol === 'http:')) return 'must begin with https://';
    if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
    const host = hostOf(url);
    if (host === '') return 'has no host';
    const literal = ipaddr.isValid(host);
    if (literal && !this.mayReach(host, host)) return 'is not a public address';
    const ports = url.protocol === 'http:' ? PORTS.http : PORTS.https;
    if (!ports.has(url.port) && !this.isListed(host)) {
      return `must have one of the ports ${[...ports].slice(1).join(', ')}`;
    }
    return null;
  }

  /** The same, with the addresses that its name has now. */
  async faultNow(text: string): Promise<string | null> {
    const fault = this.faultOf(text);
    if (fault !== null) return fault;
    const host = hostOf(new URL(text));
    if (ipaddr.isValid(host)) return null;
    const addresses = await resolveAll(host, { all: true }).catch(() => null);
    if (addresses === null || addresses.length === 0) return 'has a host that no name server knows';
    return this.reachable(host, addresses) ? null : 'is not a public address';
  }

  /** For sockets: gives no address that may not be reached, and none at all where one of them may not. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (first === undefined || !this.reachable(host, addresses)) {
        return callback(new RefusedAddressError(host), '', 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  private reachable(host: string, addresses: readonly LookupAddress[]): boolean {
    return addresses.every(({ address }) => this.mayReach(host, address));
  }

  private mayReach(host: string, address: string): boolean {
    if (this.names.has(host.toLowerCase())) return true;
    if (!ipaddr.isValid(address)) return false;
    const plain = ipaddr.process(address);
    return isPublic(plain) || this.networks.some((network) => isWithin(plain, network));
  }

  private isListed(host: string): boolean {
    if (this.names.has(host.toLowerCase())) return true;
    return ipaddr.isValid(host) && this.networks.some((network) => isWithin(ipaddr.process(host), network));
  }
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
