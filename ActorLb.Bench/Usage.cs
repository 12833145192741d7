namespace ActorLb.Bench;

internal static class Usage
{
    public static int Show()
    {
        Console.Error.WriteLine("""
            actorlb-bench compare [--rounds 7] [--seconds 3] [--connections 64] [--only sticky,sticky-2,first,...] [--baseline DLL] [--against nginx,...]
                  processor time per request beside HAProxy, nginx, Caddy and YARP, in interleaved rounds: sticky, sticky-2,
                  first, answer-64k, answer-1m, upload-1m, access-log, million, latency, idle (needs wrk, haproxy, nginx, caddy and
                  nghttp2-client of Debian); and beside the ActorLb.Node.dll of an earlier build; --against: only these
            actorlb-bench sessions [--bindings 1000000] [--rate 20000] [--only lag,memory,lookup,idle,join,kill,restart]
                  three whole nodes with as many sessions: lag, memory, look-up, idle processor time, joining, kills
            actorlb-bench rebinds [--bindings 900000] [--rate 150] [--pairs 2000]
                  a backend with a third of all sessions dies, then a node: time added, homes, and the gap without owners
            actorlb-bench http1
                  nanoseconds to read and write the heads of everyday messages, and to decode chunks
            actorlb-bench publish
                  milliseconds and garbage of publishing one backend's change, nanoseconds of choosing one, by how many there are
            actorlb-bench choose
                  nanoseconds and garbage of choosing a backend by each policy, in pools of 3, 10 and 1,000, idle and busy
            actorlb-bench routes
                  nanoseconds of finding a request's route, by how many there are
            actorlb-bench fuzz-http1 [--iterations 1000000] [--seed N]
                  mutated messages through the parsers: same end in any split, agreement with the grammar, same meaning when rewritten
            actorlb-bench fuzz-lane [--batches 20] [--minutes N] [--seed N]
                  the whole lane over sockets in memory: mutated messages in any pieces, faults at any moment, base line after each round
            actorlb-bench soak [--minutes 20] [--clients 100] [--seed N]
                  a whole node under churn, aborts in every phase, slow clients and dying backends; then everything must be given back
            actorlb-bench yarp ADDRESS BACKEND...     YARP's round robin alone, until it is killed
            """);
        return 2;
    }
}
