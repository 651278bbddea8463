// What a store on PostgreSQL has kept, asked by SQL.
import assert from 'node:assert/strict';

export class PostgresRecords {
  constructor(postgres, schema) {
    Object.assign(this, { postgres, schema });
  }

  /** The ids of all events, in the order in which they were committed. */
  kept() {
    return this.postgres.sql(`SELECT encode(id, 'hex') FROM ${this.schema}.events ORDER BY seq`);
  }

  /** Fails where one part of a commit is there and another is not. */
  async assert_whole() {
    const [counts] = await this.postgres.sql(
      `SET search_path = ${this.schema}; SELECT (SELECT count(*) FROM events),
         (SELECT events FROM commits ORDER BY last DESC LIMIT 1),
         (SELECT count(*) FROM event_tags t WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.seq = t.seq)),
         (SELECT count(*) FROM events e WHERE kind = 445 AND NOT EXISTS (SELECT 1 FROM event_tags t WHERE e.seq = t.seq))`,
    );
    const [events, counted, tags_alone, without_tags] = counts.split('|').map(Number);
    assert.deepEqual([counted, tags_alone, without_tags], [events, 0, 0]);
  }
}
