"""Runs the test vectors of Sealed Push through the package: run_vectors.py VECTORS_FOLDER."""

import hashlib
import json
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

from sealed_push import base64url, cbor, hpke, kem, ratchet
from sealed_push.challenge import Attempt, answer_challenge, is_confirmation, is_revocation, revocation_mac
from sealed_push.device import Registration, Status
from sealed_push.envelope import DeviceKey, Recipient, notification_info, open_envelope, replay_hash, seal_envelope
from sealed_push.errors import KeyListRefused, Malformed, OpenFailed, PushTokenRefused
from sealed_push.judgement import Memory, Pair, Verdict, Window, judge
from sealed_push.key_list import Seen, SignedKeyList, Trust, verify_key_list
from sealed_push.origin import is_app_id, is_origin
from sealed_push.padding import pad
from sealed_push.payload import Conversation, Message, Payload, Reference, Remove, Sender, TestPush
from sealed_push.push_token import BouncerPrivateKey, PushToken, TokenContext, open_push_token, seal_push_token
from sealed_push.suite import NOTIFICATION_SUITES, PUSH_TOKEN_SUITES, Suite

Json = dict[str, Any]
SHARED = {"id", "comment", "section", "flags"}
REFUSED = {"result": "refused"}
unhex = bytes.fromhex


def present(**fields: Any) -> Json:
    """Absent fields are left out."""
    return {name: value for name, value in fields.items() if value is not None}


# base64url.json, cbor.json, origin.json, ratchet.json


def run_base64url(case: Json) -> Json:
    try:
        data = base64url.decode(case["text"])
    except Malformed:
        return REFUSED
    assert base64url.encode(data) == case["text"]
    return {"result": "valid", "bytes": data.hex()}


def cbor_to_json(value: cbor.Value) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, list):
        return [cbor_to_json(item) for item in value]
    if isinstance(value, dict):
        return {"map": [[key, cbor_to_json(item)] for key, item in value.items()]}
    return value


def run_cbor(case: Json) -> Json:
    try:
        value = cbor.decode(unhex(case["bytes"]))
    except Malformed:
        return REFUSED
    assert cbor.encode(value).hex() == case["bytes"]
    return {"result": "valid", "value": cbor_to_json(value)}


def run_origin(case: Json) -> Json:
    is_right = {"origin": is_origin, "app_id": is_app_id}[case["of"]]
    return {"result": "valid" if is_right(case["text"]) else "refused"}


def run_ratchet(case: Json) -> Json:
    chain = ratchet.step_chain(unhex(case["chain"]), case["epoch"] - case["chain_epoch"])
    return {"result": "valid", "expected_chain": chain.hex(), "expected_psk": ratchet.derive_psk(chain).hex()}


# Payloads, and the intermediate values of HPKE


def reference_to_json(reference: Reference) -> int | str:
    return reference.hex() if isinstance(reference, bytes) else reference


def reference_from_json(reference: int | str) -> Reference:
    return unhex(reference) if isinstance(reference, str) else reference


def body_to_json(body: Message | Remove | TestPush | None) -> Json:
    if isinstance(body, Message):
        conversation, sender = body.conversation, body.sender
        return present(
            reference=reference_to_json(body.reference),
            conversation=present(
                kind=conversation.kind,
                id=reference_to_json(conversation.id),
                name=conversation.name,
                topic=conversation.topic,
            ),
            sender=present(name=sender.name, avatar=sender.avatar),
            text=body.text,
            truncated=body.truncated or None,
            edited=body.edited or None,
            mention=body.mention,
        )
    if isinstance(body, Remove):
        return {"references": [*map(reference_to_json, body.references)]}
    return {"nonce": body.nonce.hex()} if isinstance(body, TestPush) else {}


def payload_to_json(payload: Payload) -> Json:
    return present(
        sent_at=payload.sent_at,
        counter=payload.counter,
        ttl=payload.ttl,
        kind=payload.kind,
        body=body_to_json(payload.body),
        unread=payload.unread,
        removed=None if payload.removed is None else [*map(reference_to_json, payload.removed)],
    )


def payload_from_json(payload: Json) -> Payload:
    def read_body(body: Json) -> Message | Remove | TestPush | None:
        if payload["kind"] == 1:
            conversation, sender = body["conversation"], body["sender"]
            return Message(
                reference_from_json(body["reference"]),
                Conversation(
                    conversation["kind"],
                    reference_from_json(conversation["id"]),
                    conversation.get("name"),
                    conversation.get("topic"),
                ),
                Sender(sender["name"], sender.get("avatar")),
                body["text"],
                body.get("truncated", False),
                body.get("edited", False),
                body.get("mention"),
            )
        if payload["kind"] == 2:
            return Remove([*map(reference_from_json, body["references"])])
        return TestPush(unhex(body["nonce"])) if payload["kind"] == 4 else None

    removed = payload.get("removed")
    return Payload(
        payload["sent_at"],
        payload["counter"],
        payload["ttl"],
        payload["kind"],
        read_body(payload["body"]),
        payload.get("unread"),
        None if removed is None else [*map(reference_from_json, removed)],
    )


def hpke_values(
    suite: Suite, private_key: bytes, enc: bytes, ephemeral: bytes, info: bytes, psk: bytes, psk_id: bytes
) -> Json:
    """Every value on the way, computed on the receiver's side and, where Python can, on the sender's."""
    public_key = suite.kem.public_key(private_key)
    if isinstance(suite.kem, kem.DhKem):
        dh = kem.x25519(ephemeral, public_key)
        assert dh == kem.x25519(private_key, enc)
        kem_context = enc + public_key
        eae_prk = kem.labeled_extract(suite.kem.suite_id, b"", b"eae_prk", dh)
        shared_secret = suite.kem.shared_secret(dh, kem_context)
        parts = {"dh": dh, "eae_prk": eae_prk, "kem_context": kem_context}
    else:
        sk_m, sk_x = suite.kem.expand(private_key)
        ct_x, pk_x = enc[1088:], public_key[1184:]
        assert ct_x == kem.x25519_public(ephemeral[32:])
        ss_m, ss_x = sk_m.decapsulate(enc[:1088]), kem.x25519(ephemeral[32:], pk_x)
        assert ss_x == kem.x25519(sk_x, ct_x)
        shared_secret = suite.kem.combine(ss_m, ss_x, ct_x, pk_x)
        parts = {"ss_m": ss_m, "ss_x": ss_x}
    assert suite.kem.decapsulate(private_key, enc) == shared_secret
    schedule = hpke.key_schedule(suite, shared_secret, info, psk, psk_id)
    values = {
        **parts,
        "public_key": public_key,
        "ephemeral": ephemeral,
        "enc": enc,
        "shared_secret": shared_secret,
        "psk_id_hash": schedule.psk_id_hash,
        "info_hash": schedule.info_hash,
        "key_schedule_context": schedule.context,
        "secret": schedule.secret,
        "key": schedule.key,
        "nonce": schedule.nonce,
    }
    return {name: value.hex() for name, value in values.items()}


# notification-*.json


def key_from_json(key: Json) -> DeviceKey:
    return DeviceKey(
        suite=key["suite"],
        kid=unhex(key["kid"]),
        private_key=unhex(key["private_key"]),
        origin=key["origin"],
        app_id=key["app_id"],
        registration_id=unhex(key["registration_id"]),
        oldest_epoch=key["oldest_epoch"],
        oldest_chain=unhex(key["oldest_chain"]),
        keep_days=key["keep_days"],
    )


def run_notification(case: Json) -> Json:
    envelope = unhex(case["envelope"])
    keys = {key.kid: key for key in map(key_from_json, case["keys"])}
    try:
        opened = open_envelope(envelope, keys.get)
    except OpenFailed as failure:
        return {**REFUSED, "step": failure.step}
    if opened is None:
        return {"result": "not_ours"}
    moved = {"moved_epoch": opened.key.oldest_epoch, "moved_chain": opened.key.oldest_chain.hex()}
    if opened.payload is None:
        return {**REFUSED, "step": opened.failed_step, **moved}
    payload = payload_to_json(opened.payload)
    sealing = notification_sealing(envelope, keys[opened.key.kid], case["sealing"])
    return {"result": "valid", "payload": payload, **moved, "sealing": sealing}


def notification_sealing(envelope: bytes, key: DeviceKey, sealing: Json) -> Json:
    """Seals again what the case sealed; what is only an input is taken from the case."""
    suite = NOTIFICATION_SUITES[key.suite]
    ephemeral, content, bucket = unhex(sealing["hpke"]["ephemeral"]), unhex(sealing["cbor"]), sealing["bucket"]
    epoch = int.from_bytes(envelope[5:7], "big")
    chain = ratchet.step_chain(key.oldest_chain, epoch - key.oldest_epoch)
    psk, psk_id = ratchet.derive_psk(chain), envelope[1:7]
    enc = envelope[7 : 7 + suite.kem.enc_bytes]
    info = notification_info(key.suite, key.origin, key.app_id, key.registration_id)
    values = hpke_values(suite, key.private_key, enc, ephemeral, info, psk, psk_id)

    plaintext = pad(content, bucket)
    aead = suite.aead(unhex(values["key"]))
    assert aead.encrypt(unhex(values["nonce"]), plaintext, None) == envelope[7 + len(enc) :]
    recipient = Recipient(
        key.suite, key.kid, unhex(values["public_key"]), key.origin, key.app_id, key.registration_id, epoch, chain
    )
    if isinstance(suite.kem, kem.DhKem):
        assert seal_envelope(recipient, content, bucket, ephemeral=ephemeral) == envelope
    again = seal_envelope(recipient, content, bucket)
    reopened = open_envelope(again, {key.kid: key}.get)
    assert again != envelope and len(again) == len(envelope)
    assert reopened == open_envelope(envelope, {key.kid: key}.get)
    return {
        "epoch": epoch,
        "chain": chain.hex(),
        "psk": psk.hex(),
        "psk_id": psk_id.hex(),
        "info": info.hex(),
        "cbor": content.hex(),
        "bucket": bucket,
        "plaintext": plaintext.hex(),
        "replay_hash": replay_hash(envelope).hex(),
        "hpke": values,
    }


# judgement.json, scenario-*.json


def times_to_json(times: dict[Reference, int]) -> list[Json]:
    def text(reference: Reference) -> str:
        return f"b{reference.hex()}" if isinstance(reference, bytes) else f"n{reference}"

    return [{"reference": reference_to_json(name), "sent_at": times[name]} for name in sorted(times, key=text)]


def times_from_json(times: list[Json]) -> dict[Reference, int]:
    return {reference_from_json(entry["reference"]): entry["sent_at"] for entry in times}


def pair_to_json(pair: Pair | None) -> Json | None:
    return pair and {"sent_at": pair.sent_at, "hash": pair.hash.hex()}


def pair_from_json(pair: Json | None) -> Pair | None:
    return pair and Pair(pair["sent_at"], unhex(pair["hash"]))


def verdict_to_json(verdict: Verdict) -> Json:
    return {
        "replay": verdict.replay,
        "changes_state": verdict.changes_state,
        "expired": verdict.expired,
        "from_future": verdict.from_future,
        "removed": verdict.removed,
        "superseded": verdict.superseded,
    }


def run_judgement(case: Json) -> Json:
    payload, state = payload_from_json(case["payload"]), case["state"]
    pair = Pair(payload.sent_at, unhex(case["replay_hash"]))
    window = Window(tuple(map(pair_from_json, state["pairs"])), pair_from_json(state["floor"]))
    memory = Memory(times_from_json(state["tombstones"]), times_from_json(state["newest"]))
    verdict = judge(payload, pair, window, memory, case["keep_days"], case["now"])
    if verdict.changes_state:
        window, memory = window.record(pair), memory.bury(payload, case["keep_days"], case["now"])
    after = {
        "pairs": [*map(pair_to_json, window.pairs)],
        "floor": pair_to_json(window.floor),
        "tombstones": times_to_json(memory.tombstones),
        "newest": times_to_json(memory.newest),
    }
    return {"result": "loud" if verdict.loud else "quiet", **verdict_to_json(verdict), "after": after}


def run_scenario(case: Json) -> Json:
    registration, steps = None, []
    for step in case["steps"]:
        if step["do"] == "register":
            registration, out = Registration(unhex(step["registration_id"])), {}
        elif step["do"] == "add_key":
            out = {"erased": [kid.hex() for kid in registration.add_key(key_from_json(step["key"]))]}
        elif step["do"] == "receive":
            out = receive(registration, step)
        else:
            out = start(registration, step["status"])
        steps.append({**out, "state": state_to_json(registration)})
    return {"result": "valid", "steps": steps}


def receive(registration: Registration, step: Json) -> Json:
    received = registration.receive(unhex(step["envelope"]), step["now"])
    return present(
        result=received.result,
        step=received.step,
        payload=received.payload and payload_to_json(received.payload),
        loud=received.verdict and received.verdict.loud,
        verdict=received.verdict and verdict_to_json(received.verdict),
        erased=[kid.hex() for kid in received.erased],
        ios=received.ios,
        android=received.android,
    )


def start(registration: Registration, status: Json | None) -> Json:
    plan = registration.start(status and Status(**{**status, "kid": unhex(status["kid"])}))
    return {"key": plan.key, "synchronise": plan.synchronise, "erased": [kid.hex() for kid in plan.erased]}


def state_to_json(registration: Registration) -> Json:
    return {
        "registration_id": registration.registration_id.hex(),
        "sent_at": registration.sent_at,
        "unread": registration.unread,
        "tombstones": times_to_json(registration.memory.tombstones),
        "newest": times_to_json(registration.memory.newest),
        "keys": [
            {
                "kid": state.key.kid.hex(),
                "oldest_epoch": state.key.oldest_epoch,
                "oldest_chain": state.key.oldest_chain.hex(),
                "counter": state.counter,
                "sent_at": state.sent_at,
                "pairs": len(state.window.pairs),
                "floor": pair_to_json(state.window.floor),
            }
            for state in registration.keys
        ],
    }


# push-token.json, key-list.json, challenge.json, revocation.json


def run_push_token(case: Json) -> Json:
    keys = [BouncerPrivateKey(k["suite"], unhex(k["bkid"]), unhex(k["private_key"])) for k in case["bouncer_keys"]]
    context, blob = TokenContext(**case["context"]), unhex(case["blob"])
    try:
        token, info_hash = open_push_token(blob, keys, context)
    except PushTokenRefused:
        return REFUSED
    return {
        "result": "valid",
        "token": {
            "token": token.token.hex() if isinstance(token.token, bytes) else token.token,
            "issued_at": token.issued_at,
            "attempt": token.attempt.hex(),
            "confirm_key": token.confirm_key.hex(),
        },
        "info_hash": info_hash.hex(),
        "sealing": push_token_sealing(blob, keys, context, token, unhex(case["sealing"]["hpke"]["ephemeral"])),
    }


def push_token_sealing(
    blob: bytes, keys: list[BouncerPrivateKey], context: TokenContext, token: PushToken, ephemeral: bytes
) -> Json:
    key = next(key for key in keys if (key.suite, key.bkid) == (blob[0], blob[1:5]))
    suite = PUSH_TOKEN_SUITES[key.suite]
    enc, info = blob[5 : 5 + suite.kem.enc_bytes], context.info(key.suite, key.bkid)
    values = hpke_values(suite, key.private_key, enc, ephemeral, info, b"", b"")
    public_key = unhex(values["public_key"])
    content = cbor.encode({1: token.token, 2: token.issued_at, 3: token.attempt, 4: token.confirm_key})
    plaintext = pad(content, 512)
    sealed = suite.aead(unhex(values["key"])).encrypt(unhex(values["nonce"]), plaintext, None)
    assert sealed == blob[5 + len(enc) :]
    if isinstance(suite.kem, kem.DhKem):
        by_app = seal_push_token(key.suite, key.bkid, public_key, context, token, ephemeral=ephemeral)
        assert by_app.blob == blob and by_app.info_hash == hashlib.sha256(info).digest()
    by_app = seal_push_token(key.suite, key.bkid, public_key, context, token)
    assert by_app.blob != blob and open_push_token(by_app.blob, keys, context) == (token, by_app.info_hash)
    return {
        "suite": key.suite,
        "bkid": key.bkid.hex(),
        "info": info.hex(),
        "cbor": content.hex(),
        "plaintext": plaintext.hex(),
        "hpke": values,
    }


def run_key_list(case: Json) -> Json:
    trust = case["trust"]
    seen = trust["seen"] and Seen(**{**trust["seen"], "digest": unhex(trust["seen"]["digest"])})
    roots = [*map(unhex, trust["roots"])]
    try:
        accepted = verify_key_list(
            Trust(roots, trust["build_time"], trust["lowest_version"], seen),
            case["bouncer_origin"],
            SignedKeyList(**case["signed"]),
            case["now"],
        )
    except KeyListRefused as refusal:
        return {**REFUSED, "code": refusal.code}
    key_list, selected = accepted.list, [accepted.list.select(suite, accepted.now) for suite in (0x11, 0x12)]
    return {
        "result": "valid",
        "list": {
            "version": key_list.version,
            "issued_at": key_list.issued_at,
            "valid_until": key_list.valid_until,
            "bouncer_origin": key_list.bouncer_origin,
            "keys": [{**vars(key), "bkid": key.bkid.hex(), "key": key.key.hex()} for key in key_list.keys],
        },
        "seen": {**vars(accepted.seen), "digest": accepted.seen.digest.hex()},
        "select": {
            "now": accepted.now,
            "bkid_11": selected[0] and selected[0].bkid.hex(),
            "bkid_12": selected[1] and selected[1].bkid.hex(),
        },
    }


def attempt_from_json(attempt: Json) -> Attempt:
    assert hashlib.sha256(unhex(attempt["info"])).hexdigest() == attempt["info_hash"]
    return Attempt(unhex(attempt["attempt"]), unhex(attempt["confirm_key"]), unhex(attempt["info_hash"]))


def run_challenge(case: Json) -> Json:
    attempt = attempt_from_json(case["attempt"])
    if case["of"] == "confirmation":
        right = is_confirmation(attempt, unhex(case["challenge"]), unhex(case["confirmation"]))
        return {"result": "valid" if right else "refused"}
    c = unhex(case["c"])
    answer = answer_challenge(c, [attempt])
    if answer is None:
        return REFUSED
    return {
        "result": "valid",
        "challenge": answer.challenge.hex(),
        "mac": c[32:].hex(),
        "confirmation": answer.confirmation.hex(),
    }


def run_revocation(case: Json) -> Json:
    attempt = attempt_from_json(case["attempt"])
    right = is_revocation(attempt, unhex(case["mac"]))
    assert right == (revocation_mac(attempt).hex() == case["mac"])
    return {"result": "valid" if right else "refused"}


# Running

INPUTS: dict[str, set[str]] = {
    "base64url": {"text"},
    "cbor": {"bytes"},
    "origin": {"of", "text"},
    "ratchet": {"chain_epoch", "chain", "epoch"},
    "notification": {"keys", "envelope"},
    "judgement": {"payload", "replay_hash", "keep_days", "now", "state"},
    "scenario": {"steps"},
    "push-token": {"bouncer_keys", "context", "blob"},
    "key-list": {"trust", "bouncer_origin", "signed", "now"},
    "challenge": {"of", "attempt", "c", "challenge", "confirmation"},
    "revocation": {"attempt", "mac"},
}
STEP_INPUTS = {
    "register": {"registration_id", "origin", "app_id"},
    "add_key": {"key"},
    "receive": {"envelope", "now"},
    "status": {"status"},
}

OUTCOMES: dict[str, Callable[[Json], Json]] = {
    "base64url": run_base64url,
    "cbor": run_cbor,
    "origin": run_origin,
    "ratchet": run_ratchet,
    "notification": run_notification,
    "judgement": run_judgement,
    "scenario": run_scenario,
    "push-token": run_push_token,
    "key-list": run_key_list,
    "challenge": run_challenge,
    "revocation": run_revocation,
}


@dataclass(frozen=True)
class Task:
    file: str
    kind: str
    case: Json

    def wrong(self) -> list[str]:
        """Where the outcome differs."""
        try:
            got = OUTCOMES[self.kind](self.case)
        except Exception as error:
            return [f"{type(error).__name__}: {error}"]
        expected = {name: value for name, value in self.case.items() if name not in SHARED}
        if self.kind == "scenario":
            expected["steps"] = [step_outputs(step) for step in self.case["steps"]]
        inputs = INPUTS[self.kind] - got.keys()
        return [*differences(got, {name: value for name, value in expected.items() if name not in inputs})]


def differences(got: Any, expected: Any, path: str = "") -> Iterator[str]:
    """The places where two JSON values differ; True is not 1."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for name in sorted(got.keys() | expected.keys()):
            yield from differences(got.get(name, "(absent)"), expected.get(name, "(absent)"), f"{path}.{name}")
    elif isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for index, (one, other) in enumerate(zip(got, expected)):
            yield from differences(one, other, f"{path}[{index}]")
    elif json.dumps(got) != json.dumps(expected):
        yield f"{path}: {str(got)[:80]} instead of {str(expected)[:80]}"


def step_outputs(step: Json) -> Json:
    return {name: value for name, value in step.items() if name not in {"do", "comment"} | STEP_INPUTS[step["do"]]}


def load(folder: Path) -> tuple[dict[str, list[Task]], list[str]]:
    """The cases by file, in the order of the folder's README, and what is wrong with the folder."""
    table = (folder / "README.md").read_text("utf-8").partition("## The files")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    listed = re.findall(r"`([a-z0-9-]+\.json)`", "".join(rows))
    found = {path.name for path in folder.glob("*.json")}
    foreign = {name for name in found | set(listed) if name == "schema.json" or name.startswith("zulip")}
    problems = [f"{name}: listed but missing" for name in listed if name not in found]
    problems += [f"{name}: not listed" for name in sorted(found - set(listed) - foreign)]
    tasks: dict[str, list[Task]] = {}
    for name in listed:
        if name in foreign or name not in found:
            continue
        stem = name.removesuffix(".json")
        kind = re.sub(r"-\d\d$", "", stem)
        if kind not in OUTCOMES:
            problems.append(f"{name}: of an unknown kind")
            continue
        file = json.loads((folder / name).read_text("utf-8"))
        counts = Counter(case["result"] for case in file["cases"])
        if (file["protocol"], file["kind"]) != ("sealed-push/1", kind) or file["counts"] != counts:
            problems.append(f"{name}: its head does not fit its cases")
        tasks[stem] = [Task(stem, kind, case) for case in file["cases"]]
    for name in sorted(foreign & found):
        print(f"{name.removesuffix('.json')}: not the business of this program")
    return tasks, problems


def main(folder: Path) -> int:
    tasks, problems = load(folder)
    for name, of_file in tasks.items():
        wrong = [(task, places) for task in of_file if (places := task.wrong())]
        problems += [f"{name}: {task.case['id']}: {'; '.join(places)}" for task, places in wrong]
        counts = Counter(task.case["result"] for task in of_file)
        results = ", ".join(f"{count} {result}" for result, count in counts.items())
        print(f"{name}: {len(of_file)} cases, {results}" + (f"; {len(wrong)} WRONG" if wrong else ""))
    every = [task for of_file in tasks.values() for task in of_file]
    random.shuffle(every)
    problems += [f"shuffled: {task.file}: {task.case['id']}" for task in every if task.wrong()]
    print(f"total: {len(every)} cases, each also in a shuffled run; {len(problems)} problems")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems or not every else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
