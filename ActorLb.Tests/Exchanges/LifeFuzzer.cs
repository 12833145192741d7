using System.Net;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Exchanges;

/// <summary>
/// Nodes of any settings, requests that were well-formed once, and backends that do anything in any order. What a request's life
/// promises holds for each of them. Each request is drawn by seed and number alone; what nodes draw themselves, as the ids of sessions, is new in each run.
/// </summary>
internal sealed class LifeFuzzer(int seed)
{
    private const int RequestsOfLane = 60;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    // Pauses of 20 to 320 ms fill the time to connect with so many tries of a session at its own backend, and two may time out.
    private const int TriesOfSession = 10;

    private static readonly string[] Methods = ["GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "POST", "PATCH", "BREW", "CONNECT"];
    private static readonly string[] Targets = ["/", "/a/b?c", "/green", "/deny", "/fixed", "*", "http://x/", "/%2e%2e/x"];

    private static readonly string[] Lines =
    [
        "Connection: close", "Connection: keep-alive", "Expect: 100-continue", "Transfer-Encoding: chunked", "Content-Length: 0", "Content-Length: 4",
        "Content-Length: 4000", "Connection: Upgrade\r\nUpgrade: websocket", "Connection: Upgrade\r\nUpgrade: h2c", "Authorization: NTLM TlRMTVNTUAAB",
        "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7, 198.51.100.1", "CDN-Loop: actorlb, actorlb", "CDN-Loop: " + "actorlb,,actorlb,actorlb,actorlb,actorlb,actorlb,actorlb,actorlb",
        "Cookie: ALB=AAAA", "Cookie: a=b; c", "X-Request-Id: mine", "X-Session: 1", "User-Agent: a",
    ];

    private static readonly FailureReason[] Failing =
    [
        FailureReason.BackendConnectFailed, FailureReason.BackendConnectFailed, FailureReason.ConnectTimeout, FailureReason.BackendStale, FailureReason.BackendStale,
        FailureReason.BackendRefused, FailureReason.BackendReset, FailureReason.BackendTimeout, FailureReason.OutOfSockets, FailureReason.BackendInMaintenance,
        FailureReason.BackendDrained, FailureReason.SessionMoved, FailureReason.BackendDown, FailureReason.NodeStopping, FailureReason.ClientTimeout, FailureReason.BodyTooSlow,
    ];

    private static readonly string[] Heads =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 502 No\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 204 None\r\n\r\n", "HTTP/1.1 304 Same\r\n\r\n", "HTTP/1.0 200 OK\r\nSet-Cookie: JSESSIONID=1\r\n\r\n", "HTTP/1.1 200 OK\r\nCache-Control: public\r\nContent-Length: 1\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 401 Who\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200\r\nA B: c\r\n\r\n", "HTTP/1.1 101 Switch\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ];

    private Random _random = new(0);

    /// <summary>Each way in which requests have ended, so often.</summary>
    public Dictionary<MemoryEnd, int> Ends { get; } = [];

    /// <summary>Attempts beyond the first of a request.</summary>
    public int Repeated { get; private set; }

    public int Requests { get; private set; }

    public async Task RunAsync(int lanes)
    {
        for (int i = 0; i < lanes; i++)
        {
            Draw();
            var time = new WaitlessTime();
            var lane = new MemoryLane(Node(), time);
            var tickets = new List<string>();
            for (int request = 0; request < RequestsOfLane; request++)
            {
                Draw();
                Change(lane);
                time.Advance(TimeSpan.FromMilliseconds(_random.Next(3000)));
                await SendAsync(lane, tickets);
            }
        }
    }

    // However many were drawn for the one before. Seeds that are neighbours begin alike, so they are mixed (Wellons' lowbias32).
    private void Draw()
    {
        uint mixed = unchecked(((uint)seed * 0x9E3779B9) + (uint)Requests);
        mixed = unchecked((mixed ^ (mixed >> 16)) * 0x7FEB352D);
        mixed = unchecked((mixed ^ (mixed >> 15)) * 0x846CA68B);
        _random = new Random((int)((mixed ^ (mixed >> 16)) & int.MaxValue));
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Any<T>(IReadOnlyList<T> among) => among[_random.Next(among.Count)];

    private NodeSettings Node()
    {
        PoolSettings green = Pool("green", _random.Next(1, 3));
        Topology Changed(Topology t)
        {
            RouteSettings all = t.Routes[0];
            RouteFilterSettings deny = new() { Deny = [IPNetwork.Parse("192.0.2.0/25")], RateLimit = new RateLimitSettings(1, TimeSpan.FromSeconds(1), 2, RateLimitKey.ClientAddress, "") };
            return t with
            {
                Limits = t.Limits with { ConnectTimeout = ConnectTimeout, BodyBytesMax = Any<long>([0, 0, 5]), HeldRequestsMax = Any([0, 0, 1]) },
                Listeners =
                [
                    t.Listeners[0] with
                    {
                        RedirectToHttps = Chance(10) ? 443 : 0,
                        TrustedProxies = Chance(30) ? [IPNetwork.Parse("192.0.2.0/24")] : [],
                    },
                ],
                Routes =
                [
                    Chance(30) ? all with { Pool = "", Shares = [new PoolShare("web", _random.Next(3)), new PoolShare("green", _random.Next(1, 3))] } : all,
                    all with { Path = "/green", Pool = "green", Filters = Chance(50) ? RouteFilterSettings.None : new RouteFilterSettings { BodyBytesMax = 3 } },
                    all with { Path = "/deny", Filters = deny },
                    all with { Path = "/fixed", Pool = "", Filters = new RouteFilterSettings { Respond = new RespondSettings(Any([200, 204, 404]), "fixed", "text/plain") } },
                ],
            };
        }

        return TestPools.Node(Pool("web", _random.Next(1, 5)), green).With(Changed);
    }

    private PoolSettings Pool(string name, int backends)
    {
        PoolSettings pool = TestPools.Pool(name, [.. Enumerable.Range(1, backends).Select(i => $"http://{name}:{i}")]);
        return pool with
        {
            Affinity = pool.Affinity with { Mode = Any([AffinityMode.Off, AffinityMode.Cookie, AffinityMode.Cookie, AffinityMode.Header]), Header = "X-Session" },
            RetryAttempts = _random.Next(4),
            Retry = new RetrySettings(Any([0, 20, 100]), Chance(50) ? [new StatusRange(502, 503)] : []) { BodyBytes = Any([0, 0, 100]) },
            MaxConnections = Any([0, 0, 1]),
            Queue = new QueueSettings(_random.Next(2), TimeSpan.FromSeconds(1)),
            Protocol = Any([BackendProtocol.Http1, BackendProtocol.Http1, BackendProtocol.Http2]),
            WhenAllDown = Any([WhenAllDown.Refuse, WhenAllDown.TryAll]),
            AuthenticatesProxies = Chance(50),
            Balance = Chance(80) ? BalanceSettings.RoundRobin : new BalanceSettings(BalanceKind.Hash, HashOn.ClientAddress, ""),
        };
    }

    private void Change(MemoryLane lane)
    {
        if (Chance(15))
        {
            lane.Publish(
                _ => (Any([BackendHealth.Up, BackendHealth.Up, BackendHealth.Up, BackendHealth.Down]), Any([OperatorState.Ready, OperatorState.Ready, OperatorState.Draining, OperatorState.Maintenance])),
                Any(["web", "green"]));
        }

        if (Chance(10))
        {
            foreach (BackendTraffic traffic in lane.Plane.Traffic.Values)
            {
                traffic.CloseCircuit();
            }
        }
    }

    private async Task SendAsync(MemoryLane lane, List<string> tickets)
    {
        string text = Request(tickets);
        MemoryClient client = lane.Client with
        {
            Peer = IPAddress.Parse(Any(["192.0.2.1", "192.0.2.200", "198.51.100.1"])),
            IsMultiplexed = Chance(30),
            IsLeaving = Chance(5),
        };

        // Others that have the places, and perhaps leave them in time.
        BackendTraffic[] taken = Chance(15) ? [.. lane.Plane.Traffic.Values.Where(t => t.Gate.TryEnter(1))] : [];
        var inside = taken.ToHashSet();
        bool leave = Chance(50);
        lane.LeavesQueue = Chance(30);
        lane.WhileQueued = t =>
        {
            if (leave && inside.Remove(t))
            {
                t.Gate.Leave();
            }
        };
        lane.HasRoom = !Chance(2);
        bool goesWrong = Chance(70);
        var turns = new List<BackendTurn>();
        MemoryAnswer answer = null!;
        Exception? thrown = await Record.ExceptionAsync(AskAsync);
        foreach (BackendTraffic traffic in inside)
        {
            traffic.Gate.Leave();
        }

        string told = $"seed {seed}, request {Requests}: {text}\nturns: {string.Join("\n", turns)}\n";
        Assert.True(thrown is null, told + thrown);
        Requests++;
        Judge(lane, answer, turns, told);
        Ends[answer.End] = Ends.GetValueOrDefault(answer.End) + 1;
        Repeated += Math.Max(0, answer.Asked.Count - 1);
        if (answer.Ticket is { } ticket && Chance(50))
        {
            tickets.Add($"Cookie: {ticket}");
        }
        else if (answer.Field("X-Session") is { } session)
        {
            tickets.Add($"X-Session: {session}");
        }

        async Task AskAsync() => answer = await lane.SendAsync(text, client, _ =>
        {
            BackendTurn turn = goesWrong ? Turn() : BackendTurn.Answers();
            turns.Add(turn);
            return turn;
        });
    }

    private static void Judge(MemoryLane lane, MemoryAnswer answer, List<BackendTurn> turns, string told)
    {
        MemoryExchange exchange = answer.Exchange;
        told += $"asked: {string.Join(' ', answer.Asked)}; {answer.End} {answer.Failure} {answer.Status}\n{answer.Text}";
        Assert.True(answer.Ends == 1, told);
        Assert.All(lane.Plane.Traffic.Values, t => Assert.True(t.IsIdle, told));

        if (exchange.Assignment.Pool is { } pool)
        {
            bool isBound = exchange.Assignment.IsBound;
            int most = 1 + pool.Settings.RetryAttempts + (pool.Settings.RetryAttempts > 0 ? (2 * Attempts.QuickTriesMax) + 1 : 0);
            Assert.True(answer.Asked.Count <= most + (isBound ? TriesOfSession : 0), told);
        }
        else
        {
            Assert.True(answer.Asked.Count == 0, told);
        }

        if (!RetryPolicy.IsIdempotent(exchange.Head.Method))
        {
            Assert.True(answer.Reached.Count <= 1, told);
        }

        Assert.True(answer.RepeatedWithoutBody == 0, told);
        JudgeText(answer, told);

        bool hasTicket = answer.Ticket is not null || answer.Field("X-Session") is not null;
        if (hasTicket && !exchange.Assignment.IsBound)
        {
            Assert.True(answer.End is MemoryEnd.Answered or MemoryEnd.CutOff, told);
            Assert.True(exchange.Assignment.Backend!.Id == answer.Asked[^1] && exchange.Assignment.Binding.Backend == exchange.Assignment.Backend.Key, told);
        }

        if (answer.End == MemoryEnd.Answered)
        {
            Assert.True(turns[^1].Failure == FailureReason.None && answer.Status == exchange.BackendStatus, told);
        }
    }

    // What a client gets is a head as our own parser reads it, and says of the connection what the lane does with it.
    private static void JudgeText(MemoryAnswer answer, string told)
    {
        Assert.True(answer.Text.Length > 0 == answer.End is not MemoryEnd.Left, told);
        if (answer.Text.Length == 0)
        {
            return;
        }

        var fields = new HeaderField[MemoryExchange.Limits.FieldCountMax];
        ParseResult read = ResponseParser.Parse(Encoding.Latin1.GetBytes(answer.Text), answer.Exchange.Head.Method, upgradeAsked: true, MemoryExchange.Limits, fields, out ResponseHead head);
        Assert.True(read.IsComplete && head.Status == answer.Status, told);
        Assert.True(answer.Closes || head.KeepAlive || answer.Exchange.Head.Version == MessageVersion.Http10, told);
        Assert.True(answer.End != MemoryEnd.Refused || answer.Reason is not null == (answer.Failure != FailureReason.AnsweredByRoute), told);
    }

    private BackendTurn Turn()
    {
        if (Chance(30))
        {
            return BackendTurn.Answers(Any([200, 200, 502, 503]));
        }

        if (Chance(3))
        {
            return new BackendTurn { ClientLeaves = true };
        }

        FailureReason failure = Chance(60) ? Any(Failing) : FailureReason.None;
        bool isConnected = BackendTurn.Fails(failure).IsConnected;
        bool answers = failure == FailureReason.None || (isConnected && Chance(20));
        return new BackendTurn
        {
            Failure = failure,
            Head = answers ? Any(Heads) : "",
            Begins = isConnected && Chance(10),
            TakesBody = Chance(70),
            IsBodyWhole = Chance(80),
        };
    }

    private string Request(List<string> tickets)
    {
        var text = new StringBuilder();
        text.Append(Any(Methods)).Append(' ').Append(Any(Targets)).Append(Chance(85) ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
        text.Append("Host: x\r\n");
        for (int lines = _random.Next(4); lines > 0; lines--)
        {
            text.Append(Any(Lines)).Append("\r\n");
        }

        if (tickets.Count > 0 && Chance(60))
        {
            text.Append(Any(tickets)).Append("\r\n");
        }

        text.Append("\r\n");
        if (Chance(20))
        {
            Mutate(text);
        }

        if (Chance(50))
        {
            text.Append("body");
        }

        return text.ToString();
    }

    private void Mutate(StringBuilder text)
    {
        for (int times = _random.Next(1, 4); times > 0 && text.Length > 0; times--)
        {
            int at = _random.Next(text.Length);
            switch (_random.Next(4))
            {
                case 0:
                    text[at] = (char)_random.Next(256);
                    break;
                case 1:
                    text.Remove(at, Math.Min(_random.Next(1, 5), text.Length - at));
                    break;
                case 2:
                    text.Insert(at, Any(["\r\n", ":", " ", ",", "\0", ";", "actorlb", "chunked", "1"]));
                    break;
                default:
                    text.Insert(at, text.ToString(at, Math.Min(_random.Next(1, 30), text.Length - at)));
                    break;
            }
        }
    }
}
