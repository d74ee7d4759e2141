// The pool's probes: whatever the peer does, each of 100 requests ends in one known way, and none is sent twice that
// may have been processed.
import { constants, type ServerHttp2Stream } from 'node:http2';
import { afterEach, expect, test } from 'vitest';
import type { Outcome } from '../../bouncer/http2-pool/outcome.ts';
import { Http2Pool } from '../../bouncer/http2-pool/pool.ts';
import { countOutcomes, Peer, type PeerScript, POOL, sendMany } from './http2-peer.ts';

let peer: Peer | undefined;
let pool: Http2Pool | undefined;

afterEach(async () => {
  await pool?.close(100);
  await peer?.close();
  peer = undefined;
  pool = undefined;
});

const start = async (script: PeerScript, changes: Partial<typeof POOL> = {}): Promise<Http2Pool> => {
  peer = await Peer.start(script);
  pool = peer.pool(changes);
  return pool;
};
const ok = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200 });
  stream.end();
};
const soon = (stream: ServerHttp2Stream): void => void setTimeout(() => stream.destroyed || ok(stream), 20);

test('one stream until the first 200: one canary, then all, on one connection', async () => {
  let open = 0;
  let openMax = 0;
  let proven = false;
  let early = 0;
  const counts = countOutcomes(
    await sendMany(
      await start({
        streams: 1,
        onRequest: (stream) => {
          open += 1;
          openMax = Math.max(openMax, open);
          if (!proven && open > 1) early += 1;
          setTimeout(() => {
            if (!proven) stream.session?.settings({ maxConcurrentStreams: 1_000 });
            proven = true;
            open -= 1;
            ok(stream);
          }, 10);
        },
      }),
      100,
    ),
  );
  expect(counts).toEqual({ '200': 100 });
  expect(early).toBe(0);
  expect(openMax).toBeGreaterThan(10);
  expect(peer?.seen).toEqual([100]);
});

test('a canary goes first even where the peer would allow a thousand, and a refusal proves nothing', async () => {
  let openBefore200 = 0;
  let open = 0;
  let answered = 0;
  const counts = countOutcomes(
    await sendMany(
      await start({
        onRequest: (stream) => {
          open += 1;
          if (answered < 3) openBefore200 = Math.max(openBefore200, open);
          setTimeout(() => {
            open -= 1;
            answered += 1;
            stream.respond({ ':status': answered < 3 ? 410 : 200 });
            stream.end();
          }, 5);
        },
      }),
      50,
    ),
  );
  expect(counts).toEqual({ '410': 2, '200': 48 });
  expect(openBefore200).toBe(1);
});

test('a limit that falls is kept to', async () => {
  let open = 0;
  let limit = 1_000;
  let over = 0;
  let answered = 0;
  const running = await start(
    {
      onRequest: (stream) => {
        open += 1;
        if (open > limit) over += 1;
        setTimeout(() => {
          open -= 1;
          answered += 1;
          // The peer must not count on a limit before it is acknowledged.
          if (answered === 1)
            stream.session?.settings({ maxConcurrentStreams: 2 }, () => {
              limit = 2;
            });
          setTimeout(() => ok(stream), answered === 1 ? 0 : 3);
        }, 3);
      },
    },
    { canary: false, inFlightMax: 5, connectionsMax: 1 },
  );
  expect(countOutcomes(await sendMany(running, 60))).toEqual({ '200': 60 });
  expect(over).toBe(0);
});

test('GOAWAY mid-burst: what was let in is answered, the rest goes to another connection', async () => {
  const counts = countOutcomes(
    await sendMany(
      await start(
        {
          onRequest: (stream, n, connection) => {
            if (connection === 1 && n === 20) {
              stream.session?.goaway(
                constants.NGHTTP2_NO_ERROR,
                stream.id,
                Buffer.from('{"reason":"Shutdown"}'),
              );
            }
            if (connection === 1 && n > 20) return;
            soon(stream);
          },
        },
        { canary: false },
      ),
      100,
    ),
  );
  expect(counts).toEqual({ '200': 100 });
  expect(peer?.seen.length).toBe(2);
});

test('GOAWAY, then a dead socket: the twenty let in are ambiguous and never sent again, eighty go elsewhere', async () => {
  const counts = countOutcomes(
    await sendMany(
      await start(
        {
          onRequest: (stream, n, connection) => {
            if (connection > 1) return soon(stream);
            if (n !== 20) return;
            stream.session?.goaway(constants.NGHTTP2_NO_ERROR, stream.id);
            setTimeout(() => stream.session?.socket.destroy(), 30);
          },
        },
        { canary: false },
      ),
      100,
    ),
  );
  expect(counts).toEqual({ ambiguous: 20, '200': 80 });
  expect(peer?.seen.slice(1).reduce((sum, n) => sum + n, 0)).toBe(80);
});

test('a GOAWAY with an error: too many active streams', async () => {
  const counts = countOutcomes(
    await sendMany(
      await start(
        {
          onRequest: (stream, n, connection) => {
            if (connection > 1) return soon(stream);
            if (n === 20) stream.session?.goaway(constants.NGHTTP2_REFUSED_STREAM, stream.id);
          },
        },
        { canary: false },
      ),
      100,
    ),
  );
  expect(counts).toEqual({ ambiguous: 20, '200': 80 });
});

test('a dead socket: what was in flight is ambiguous, what waited goes elsewhere', async () => {
  const counts = countOutcomes(
    await sendMany(
      await start(
        {
          onRequest: (stream, n, connection) => {
            if (connection > 1) return soon(stream);
            if (n === 10) stream.session?.socket.destroy();
          },
        },
        { canary: false, inFlightMax: 10, connectionsMax: 1 },
      ),
      100,
    ),
  );
  expect(counts).toEqual({ ambiguous: 10, '200': 90 });
});

test('a stall: the request ends ambiguous in time, is cancelled, and the next takes another connection', async () => {
  const cancelled: number[] = [];
  const running = await start(
    {
      onRequest: (stream, _n, connection) => {
        if (connection > 1) return ok(stream);
        stream.on('close', () => cancelled.push(stream.rstCode));
      },
    },
    { requestTimeoutMs: 200 },
  );
  const started = performance.now();
  expect(countOutcomes(await sendMany(running, 3))).toEqual({ ambiguous: 1, '200': 2 });
  expect(performance.now() - started).toBeLessThan(1_500);
  expect(cancelled).toEqual([constants.NGHTTP2_CANCEL]);
});

test('a refused stream is tried once more, at once, on another connection, and no third time', async () => {
  const refuse = (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM);
  const running = await start({
    onRequest: (stream, _n, connection) => (connection === 1 ? refuse(stream) : ok(stream)),
  });
  expect(countOutcomes(await sendMany(running, 1))).toEqual({ '200': 1 });
  await pool?.close(100);
  await peer?.close();
  const refusing = await start({ onRequest: refuse });
  expect(countOutcomes(await sendMany(refusing, 1))).toEqual({ 'not-processed': 1 });
  expect(peer?.seen).toEqual([1, 1]);
});

test('429 with Retry-After is reported once, with the header', async () => {
  const running = await start({
    onRequest: (stream) => {
      stream.respond({ ':status': 429, 'retry-after': '2' });
      stream.end('{"reason":"TooManyRequests"}');
    },
  });
  const [outcome] = await sendMany(running, 1);
  expect(outcome).toMatchObject({ kind: 'answered', httpStatus: 429, retryAfter: '2' });
  expect(peer?.seen).toEqual([1]);
});

test('the queue is bounded, and an entry waits no longer than its deadline', async () => {
  const running = await start(
    { onRequest: () => undefined },
    { queueMax: 10, queueWaitMs: 500, requestTimeoutMs: 900 },
  );
  // One canary in flight, ten wait in vain, nineteen find no room and are told at once.
  const started = performance.now();
  let toldAtOnce = 0;
  const sent = Array.from({ length: 30 }, () =>
    sendMany(running, 1).then(([outcome]) => {
      if (performance.now() - started < 100) toldAtOnce += 1;
      return outcome as Outcome;
    }),
  );
  expect(countOutcomes(await Promise.all(sent))).toEqual({ 'not-processed': 29, ambiguous: 1 });
  expect(toldAtOnce).toBe(20);
  expect(performance.now() - started).toBeLessThan(2_500);
});

test('a peer that cannot be reached, or speaks no HTTP/2, costs a try and not the deadline', async () => {
  peer = await Peer.start({ onRequest: ok });
  const { origin, ca } = peer;
  await peer.close();
  peer = undefined;
  let unreachable = 0;
  const count = () => {
    unreachable += 1;
  };
  const events = { onUnreachable: count, onGoaway: () => undefined };
  pool = new Http2Pool({ ...POOL, origin, ca }, events);
  const started = performance.now();
  expect(countOutcomes(await sendMany(pool, 5))).toEqual({ 'not-processed': 5 });
  expect(unreachable).toBe(2);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('another certificate authority is refused', async () => {
  peer = await Peer.start({ onRequest: ok });
  const stranger = await Peer.start({ onRequest: ok });
  await stranger.close();
  pool = peer.pool();
  expect(countOutcomes(await sendMany(pool, 1))).toEqual({ '200': 1 });
  const events = { onUnreachable: () => undefined, onGoaway: () => undefined };
  const distrusting = new Http2Pool({ ...POOL, origin: peer.origin, ca: stranger.ca }, events);
  expect(countOutcomes(await sendMany(distrusting, 1))).toEqual({ 'not-processed': 1 });
  expect(peer.seen).toEqual([1]);
});

test('more connections come up when those that work are full', async () => {
  const running = await start({ streams: 5, onRequest: soon }, { connectionsMax: 3 });
  expect(countOutcomes(await sendMany(running, 60))).toEqual({ '200': 60 });
  expect(peer?.seen.length).toBe(3);
});

test('close lets what is in flight finish and takes nothing new', async () => {
  const running = await start({ onRequest: (stream) => setTimeout(() => ok(stream), 100) });
  const sent = sendMany(running, 1);
  await new Promise((wake) => setTimeout(wake, 60));
  const closing = running.close(2_000);
  expect(countOutcomes(await sent)).toEqual({ '200': 1 });
  await closing;
  expect(countOutcomes(await sendMany(running, 1))).toEqual({ 'not-processed': 1 });
});
