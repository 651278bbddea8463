// A busy evening of an imagined relay, two seconds a step: what the screenshots of the dashboard show.
import { Random } from './random.js';

const per_step = { 445: 42, 1: 26, 1059: 15, 7: 11, 450: 2, 443: 1.2, 0: 0.8, 30023: 0.3, other: 2 };

/** A function that lets two more seconds go by in `front.metrics`. */
export function evening(front) {
  const random = new Random(7);
  const { metrics } = front;
  let step = 0;
  const about = (many) => Math.max(0, Math.round(many * (0.6 + 0.8 * random.fraction()) + random.fraction() - 0.5));
  metrics.set('mls_gateway_store_capacity_bytes', 8_589_934_592);
  metrics.set('process_max_fds', 65_536);
  return () => {
    step += 1;
    const tide = 1 + 0.35 * Math.sin(step / 40) + 0.15 * Math.sin(step / 9);
    for (const [kind, many] of Object.entries(per_step)) metrics.events(kind, about(many * tide));
    metrics.add('mls_gateway_deliveries_total{source="live"}', about(900 * tide));
    metrics.add('mls_gateway_deliveries_total{source="stored"}', about(240 * tide));
    metrics.set('mls_gateway_connections', 1180 + Math.round(90 * Math.sin(step / 55) + 12 * random.fraction()));
    metrics.set('mls_gateway_subscriptions', 4630 + Math.round(300 * Math.sin(step / 50)));
    metrics.add('mls_gateway_connections_accepted_total', about(6));
    if (random.chance(0.01)) metrics.add('mls_gateway_slow_readers_total');
    metrics.set('mls_gateway_writer_queue_depth', about(12 * tide * random.fraction()));
    for (const worker of [0, 1, 2, 3])
      metrics.set(`mls_gateway_worker_queue_depth{worker="${worker}"}`, about(5 * random.fraction()));
    for (let n = 0; n < 40; n += 1) {
      metrics.publish.observe(0.002 * (0.4 + tide * random.fraction() ** 3 * 5));
      metrics.query.observe(0.001 + 0.03 * random.fraction() ** 4 * tide);
    }
    for (let n = 0; n < 6; n += 1) {
      metrics.commit.observe(0.001 + 0.004 * random.fraction() ** 2);
      metrics.commit_events.observe(about(14), 1);
    }
    metrics.set('mls_gateway_store_bytes', 3_204_000_000 + step * 21_000);
    metrics.set('mls_gateway_store_events', 2_481_300 + step * 98);
    metrics.set('mls_gateway_groups', 1_284 + Math.floor(step / 60));
    metrics.set('mls_gateway_key_packages', 3_902 + Math.floor(step / 20));
    metrics.add('mls_gateway_groups_updated_total', about(0.8));
    metrics.add('mls_gateway_membership_updates_total', about(0.4));
    metrics.add('mls_gateway_keypackages_stored_total', about(1.2));
    const rejected = { 'rate-limited': 0.5, invalid: 0.3, restricted: 0.25, 'auth-required': 0.9, duplicate: 1.4 };
    for (const [prefix, many] of Object.entries(rejected))
      metrics.add(`mls_gateway_rejects_total{verb="EVENT",prefix="${prefix}"}`, about(many * random.fraction()));
    metrics.add('mls_gateway_denials_total{kind="445"}', about(0.7 * random.fraction()));
    metrics.add('mls_gateway_denials_total{kind="1059"}', about(0.4 * random.fraction()));
    metrics.add('mls_gateway_auth_total{result="failed"}', about(0.2 * random.fraction()));
    metrics.add('process_cpu_seconds_total', 0.5 * tide);
    metrics.set('process_resident_memory_bytes', 184_000_000 + step * 9000);
    metrics.set('process_open_fds', 1240);
  };
}
