"""`cargo xtask oracle`: what `routewright verify` expects, beside what the oracle of the requirements computes.

Each point is a model with figures of its own. The command line is asked for it in JSON; its expectations must be the
oracle's to nine digits, and what the core did must lie within four standard errors of them. Anything else, a missing
oracle and a measure that one of the two does not know included, is a failure.

    python3 oracle.py ROUTEWRIGHT ORACLES
"""

import json
import subprocess
import sys

CONTACTS = 100_000
DIGITS = 1e-9


def points(q):
    """Arguments of the command line, and the expected measures by name."""
    for servers, arrivals, service, threshold in [(5, 4.0, 1.0, 0.5), (50, 48.0, 1.0, 0.25), (3, 0.1, 20.0, 5.0)]:
        r = q.mmc(arrivals, 1 / service, servers, threshold)
        yield plain("erlang-c", servers, arrivals, service, "--threshold", threshold), {
            "P(wait)": r["p_wait"], "mean wait": r["asa"], "service level": r["sl"], "occupancy": r["occupancy"]}
    for servers, arrivals, service, patience, threshold in [
            (44, 48.0, 1.0, 2.0, 0.4), (10, 12.0, 1.0, 0.5, 0.1), (20, 3.0, 6.0, 10.0, 1.0)]:
        r = q.erlang_a(arrivals, 1 / service, 1 / patience, servers, threshold)
        yield plain("erlang-a", servers, arrivals, service, "--patience", patience, "--threshold", threshold), {
            "P(wait)": r["p_wait"], "P(abandon)": r["p_abandon"], "mean wait": r["mean_wait"],
            "mean wait of the served": r["mean_wait_served"], "served in time / offered": r["sl_offered"],
            "served in time / served": r["sl_served"], "served or gone in time / offered": r["sl_abandon_good"],
            "served in time / (offered - gone in time)": r["sl_abandon_ignored"], "occupancy": r["occupancy"]}
    for servers, arrivals, service in [(5, 3.0, 1.0), (30, 10.0, 2.5)]:
        yield plain("erlang-b", servers, arrivals, service), {"blocked": q.erlang_b(servers, arrivals * service)}
    for servers, arrivals, service, patience in [(10, 10.0, 1.0, 0.25), (3, 4.0, 1.0, 2.0), (1, 0.8, 1.0, 3.0)]:
        r = q.mmc_det(arrivals, 1 / service, servers, patience)
        yield plain("timer", servers, arrivals, service, "--patience", patience), {
            "P(timeout)": r["p_timeout"], "mean wait": r["mean_wait"], "mean wait of the served": r["mean_wait_served"]}
    for servers, arrivals, service, places in [(5, 6.0, 1.0, 3), (20, 2.0, 9.0, 10)]:
        r = q.mmck(arrivals, 1 / service, servers, servers + places)
        yield plain("bounded", servers, arrivals, service, "--places", places), {
            "blocked": r["p_block"], "mean wait of the accepted": r["asa"],
            "P(wait) of the accepted": r["p_wait_accepted"]}
    for servers, arrivals, service in [(10, [3.0, 4.0, 2.0], 1.0), (4, [0.25, 0.5, 0.5, 0.25], 2.0)]:
        waits = q.priority_mmc(arrivals, 1 / service, servers)
        yield plain("priorities", servers, arrivals, service), of_classes(waits)
    for servers, arrivals, accelerations in [(10, [3.0, 4.0, 2.0], [4, 2, 1]), (3, [1.0, 1.25], [5, 1])]:
        waits = q.accumulating_priority_mmc(arrivals, accelerations, 1.0, servers)
        yield plain("ageing", servers, arrivals, 1.0, "--accelerations", accelerations), of_classes(waits)
    for pool, loads, sizes in [(20, [4.0, 2.0, 1.0], [1, 2, 5]), (12, [3.0, 1.5], [1, 4])]:
        blocked, used = q.kaufman_roberts(pool, loads, sizes)
        expected = {f"blocked, width {size}": share for size, share in zip(sizes, blocked)}
        yield plain("units", pool, loads, 1.0, "--sizes", sizes), expected | {"units in use": used}
    for arrivals, speeds in [(1.6, [1.0, 1.7, 2.1]), (0.5, [0.6, 0.9])]:
        r = q.chat_agent(arrivals, speeds)
        yield ["--model", "chats", "--arrivals", listed(arrivals), "--speeds", listed(speeds)], {
            "P(wait)": r["p_wait"], "mean wait": r["asa"], "mean in queue": r["mean_queue"],
            "mean active": r["mean_active"]}
    for arrivals, speeds, takes in [
            ([0.9, 0.7], [1.0, 1.0], [[0], [0, 1]]),
            ([0.5, 0.6, 0.4], [0.8, 1.0, 0.7, 0.9], [[0, 1], [1, 2], [0, 2], [1]])]:
        r = q.fcfs_alis(arrivals, speeds, [set(kinds) for kinds in takes])
        expected = {f"P(wait) of type {n}": share for n, share in enumerate(r["p_wait"])}
        expected |= {f"mean wait of type {n}": wait for n, wait in enumerate(r["mean_wait"])}
        expected |= {f"agent {n} busy": share for n, share in enumerate(r["busy"])}
        yield ["--model", "skills", "--arrivals", listed(arrivals), "--speeds", listed(speeds),
               "--skills", "/".join(listed(kinds) for kinds in takes)], expected
    for rate, tau in [(0.5, 3.0), (0.2, 4.0)]:
        until, restarts = q.inactivity_timer(rate, tau)
        yield ["--model", "silence", "--arrivals", listed(rate), "--patience", listed(tau)], {
            "mean time to the end": until, "mean restarts": restarts}
    for mean, tau, dead in [(40.0, 60.0, 0.0), (40.0, 60.0, 0.3), (90.0, 45.0, 0.1)]:
        transfers, first = q.first_response_transfer(mean, tau, dead)
        yield ["--model", "first-response", "--service", listed(mean), "--patience", listed(tau),
               "--dead", listed(dead)], {"mean transfers": transfers, "mean first answer": first}
    for mean, tau in [(300.0, 120.0), (300.0, 900.0)]:
        timeout, hold = q.preferred_wait(mean, tau)
        yield ["--model", "preferred-agent", "--service", listed(mean), "--patience", listed(tau)], {
            "P(timeout)": timeout, "mean hold": hold}


def plain(model, servers, arrivals, service, *more):
    given = ["--model", model, "--servers", listed(servers), "--arrivals", listed(arrivals), "--service",
             listed(service)]
    return given + [what if isinstance(what, str) else listed(what) for what in more]


def of_classes(waits):
    return {f"mean wait of class {n}": wait for n, wait in enumerate(waits)}


def listed(figures):
    return ",".join(str(figure) for figure in figures) if isinstance(figures, list) else str(figures)


def main():
    routewright, oracles = sys.argv[1:]
    sys.path.insert(0, oracles)
    import oracle_queueing

    compared, wrong = 0, []
    for given, expected in points(oracle_queueing):
        words = " ".join(given)
        asked = [routewright, "verify", "--format", "json", "--contacts", str(CONTACTS), *given]
        told = subprocess.run(asked, capture_output=True, text=True)
        if told.returncode != 0:
            wrong.append(f"{words}: exit code {told.returncode}: {told.stderr.strip() or told.stdout.strip()}")
            continue
        rows = {row["measure"]: row["expected"] for row in json.loads(told.stdout)["rows"]}
        if rows.keys() != expected.keys():
            wrong.append(f"{words}: measures are {sorted(rows)}, the oracle knows {sorted(expected)}")
            continue
        for measure, value in expected.items():
            compared += 1
            if DIGITS * max(abs(value), 1e-3) < abs(rows[measure] - value):
                wrong.append(f"{words}: {measure} is {rows[measure]!r}, by the oracle {value!r}")
        print(f"{words}: {len(expected)} figures", flush=True)
    for fault in wrong:
        print(fault, file=sys.stderr)
    print(f"{compared} figures compared, {len(wrong)} faults")
    sys.exit(1 if wrong or compared == 0 else 0)


main()
