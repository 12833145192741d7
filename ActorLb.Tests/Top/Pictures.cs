using ActorLb.Node.Admin;
using ActorLb.Node.Top;
using ActorLb.Shared.Backends;

namespace ActorLb.Tests.Top;

/// <summary>What a node would tell.</summary>
internal static class Pictures
{
    public static readonly DateTimeOffset Now = new(2027, 1, 15, 8, 10, 1, TimeSpan.Zero);

    public static readonly LiveFigures Idle = new(0, 0, null, null, null);

    public static LivePicture Of(params LiveBackend[] backends) => new(
        "lb1", Now, "actorlb", "0.1.0", 16, new LiveFigures(1234, 6, 1.234, 3.5, 12.34), [], [Node("lb1"), Node("lb2")],
        [new LiveListener("http", "0.0.0.0:8080", IsTls: false, 7, new LiveFigures(500, 5, null, null, null))],
        [new LiveRoute("*", "/", [("web", 1234)], Answers: false, new LiveFigures(1234, 6, 1.2, 3.5, 12))],
        [new LivePool("web", "round-robin", new LiveFigures(1234, 6, 1.2, 3.5, 12), [.. backends])]);

    public static LiveBackend Backend(string id) => new(
        "web", id, "up", "ready", TakesNewSessions: true, 1, Now - TimeSpan.FromMinutes(5), new LiveFigures(100, 0, 1, 2, 3), 4, 1, 5, 0, 0, "");

    public static LiveBackend Down(string id, string why = "lb1 and lb2: connection refused") =>
        Backend(id) with { State = "down", TakesNewSessions = false, Why = why, Figures = Idle, InFlight = 0, Tunnels = 0, Sessions = 0 };

    public static LiveNode Node(string name) => new(
        name, $"akka.tcp://actorlb@10.0.0.1:8110", "up", IsReachable: true, "5e1fa2b7", Differs: false, ClockIsWrong: false, new LiveFigures(617, 3, 1, 3, 12), "0.1.0", "", Now - TimeSpan.FromHours(2), 123, 150_000_000, 7, []);

    public static Trouble IsDown(string id) => new(
        $"down:web/{id}", Trouble.Error, Now - TimeSpan.FromSeconds(192), $"web/{id} is down", "lb1 and lb2: connection refused.", "New sessions go to the 2 that are left; 12 sessions move as their clients come.");

    public static BackendName Opened => new("web", "web-2");

    /// <summary>A backend that drains and fails, as all nodes see it.</summary>
    /// <param name="text">What others would say; null: what they do.</param>
    public static BackendViewDocument View(string? text = null) => new(
        text ?? "lb1",
        Now,
        text ?? "web",
        new StatusDocument.Backend(
            text ?? "web-2", text ?? "http://127.0.0.1:9002", 2, text ?? "down", text ?? "draining", Now - TimeSpan.FromSeconds(192), Now + TimeSpan.FromSeconds(90), false, 12, 3, 1234, 5, 0,
            [
                new StatusDocument.Opinion(text ?? "lb1", false, text ?? "connection refused", Now - TimeSpan.FromSeconds(192)),
                new StatusDocument.Opinion(text ?? "lb2", true, text ?? "200", Now - TimeSpan.FromSeconds(3)),
            ])
        {
            SessionsToMove = 291,
            FailuresAnswered = 2,
            TakesNewSessions = false,
            Overlay = "weight",
            Queue = new StatusDocument.QueueCount(2, Now - TimeSpan.FromSeconds(4), 7, 8),
            Circuit = new StatusDocument.OpenCircuit(Now - TimeSpan.FromSeconds(5), text ?? "connects failed", Ejects: true),
        },
        new DrainsDocument.Drain(text ?? "web", text ?? "web-2", text ?? "a", "operator", text, 3, Now - TimeSpan.FromSeconds(60), Now + TimeSpan.FromSeconds(90), Over: false, null, 116, 9, 3, NobodyElse: true, CanBeStopped: false)
        {
            Unreachable = [text ?? "lb3"],
        },
        [
            new BackendViewDocument.AtNode(text ?? "lb2", 640, 64, 1.5, 2.5, 3.5, 0, 0, null, Ejects: false, null),
            new BackendViewDocument.AtNode(text ?? "lb1", 0, 3, null, null, null, 2, 1, text ?? "connects failed", Ejects: true, Now - TimeSpan.FromSeconds(5)),
        ])
    {
        Failures = [new BackendViewDocument.Failed(text ?? "backend-timeout", 4)],
        LastFailures =
        [
            new BackendViewDocument.FailedRequest(Now - TimeSpan.FromSeconds(1), text ?? "lb1", text ?? "0HNI4:00000002", text ?? "backend-timeout", null),
            new BackendViewDocument.FailedRequest(Now - TimeSpan.FromSeconds(2), text ?? "lb2", text ?? "0HNI4:00000001", null, 503),
        ],
    };

    public static TopFacts Told(LivePicture picture) => new(picture, new Uri("http://10.0.0.1:8090"));

    /// <summary>As it would be read, without colours.</summary>
    public static string[] Lines(TopFrame frame) => [.. frame.Lines.Select(l => string.Concat(l.Select(s => s.Text)))];

    public static string[] Lines(LivePicture picture, TopState state, int width, int height) => Lines(TopFrame.Of(state, Told(picture), width, height));
}
