// Client libraries that apps are built with, each behind the same few calls. They run as they come: their own matching, their
// own way of authenticating when the relay asks for it, their own reconnecting.
import './webcrypto.js';

import NDK, { NDKEvent, NDKPrivateKeySigner, NDKRelay, NDKRelayAuthPolicies } from '@nostr-dev-kit/ndk';
import { Relay as ApplesauceRelay } from 'applesauce-relay';
import { Relay as NostrToolsRelay, useWebSocketImplementation } from 'nostr-tools/relay';
import { firstValueFrom, timer } from 'rxjs';
import WebSocket from 'ws';

import { eventually, within } from './deadline.js';
import { sign } from './event.js';

globalThis.WebSocket ??= WebSocket;
useWebSocketImplementation(WebSocket);

// Each of NDK's relays sets a timer again and again, closed or not; tests would never end.
NDKRelay.prototype.updateValidationRatio = () => {};

/** Signs what a library asks to be signed. */
const signer_of = (key) => async (template) => sign(key, template);

class NostrTools {
  static async open(url, key) {
    const client = new NostrTools();
    client.relay = new NostrToolsRelay(url, { enableReconnect: true });
    client.relay.resubscribeBackoff = [50, 100, 200];
    if (key) client.relay.onauth = signer_of(key);
    await client.relay.connect();
    const authenticated = async () => (await client.relay.auth(signer_of(key))) !== null;
    if (key) await eventually(authenticated, 'nostr-tools to have authenticated');
    return client;
  }
  publish(event) {
    return this.relay.publish(event);
  }
  subscribe(filter, on_event) {
    return new Promise((resolve, reject) => {
      const subscription = this.relay.subscribe([filter], {
        onevent: on_event,
        oneose: () => resolve(() => subscription.close()),
        onclose: (reason) => reject(new Error(reason)),
      });
    });
  }
  count(filter) {
    return this.relay.count([filter], {});
  }
  close() {
    this.relay.close();
  }
}

class Ndk {
  static rests_s = 60; // after it has connected, until it connects again
  static async open(url, key) {
    const client = new Ndk();
    client.ndk = new NDK({ explicitRelayUrls: [url], enableOutboxModel: false });
    if (key) {
      client.ndk.signer = new NDKPrivateKeySigner(key.secret);
      client.ndk.relayAuthDefaultPolicy = NDKRelayAuthPolicies.signIn({ ndk: client.ndk });
    }
    const [relay] = client.ndk.pool.relays.values();
    const authed = new Promise((resolve) => relay.once('authed', resolve));
    await client.ndk.connect();
    await (key ? within(authed, 'NDK to be authenticated') : eventually(() => relay.connected, 'NDK to be connected'));
    return client;
  }
  async publish(event) {
    const relays = await new NDKEvent(this.ndk, event).publish();
    if (relays.size !== 1) throw new Error('not published');
  }
  subscribe(filter, on_event) {
    return new Promise((resolve) => {
      const subscription = this.ndk.subscribe(filter, { closeOnEose: false });
      subscription.on('event', (event) => on_event(event.rawEvent()));
      subscription.on('eose', () => resolve(() => subscription.stop()));
    });
  }
  close() {
    for (const relay of this.ndk.pool.relays.values()) relay.disconnect();
  }
}

class Applesauce {
  static async open(url, key) {
    const client = new Applesauce();
    client.relay = new ApplesauceRelay(url, { WebSocket, keepAlive: 0 });
    client.relay.reconnectTimer = () => timer(100);
    if (key)
      client.challenges = client.relay.challenge$.subscribe((challenge) => {
        if (challenge) client.relay.authenticate({ signEvent: signer_of(key) });
      });
    return client;
  }
  async publish(event) {
    const { ok, message } = await this.relay.publish(event);
    if (!ok) throw new Error(message);
  }
  subscribe(filter, on_event) {
    return new Promise((resolve, reject) => {
      const subscription = this.relay.subscription(filter, { reconnect: true }).subscribe({
        next: (message) =>
          message === 'EOSE' ? resolve(() => subscription.unsubscribe()) : on_event(message),
        error: reject,
      });
    });
  }
  async count(filter) {
    return (await firstValueFrom(this.relay.count(filter))).count;
  }
  close() {
    this.challenges?.unsubscribe();
    this.relay.close();
  }
}

export const libraries = { 'nostr-tools': NostrTools, NDK: Ndk, applesauce: Applesauce };
