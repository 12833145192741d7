namespace ActorLb.Chaos.Browsers;

/// <summary>What a person does beside reading pages. By the number, so that the same seed has the same people.</summary>
/// <param name="Talks">A page with a WebSocket is open all the time.</param>
/// <param name="Listens">A page with an event stream is open all the time.</param>
/// <param name="Uploads">Sends large bodies, of which the server refuses every second one before it has come whole.</param>
/// <param name="Downloads">Takes large answers slowly.</param>
/// <param name="IsCareless">Loses its cookie now and then, and sends two.</param>
/// <param name="BeginsAtOnce">Its first requests leave together, before any answer has brought a cookie.</param>
/// <param name="IsOldFashioned">Has a client that speaks HTTP/1.0, and one that sends requests before the answers to others came.</param>
internal sealed record Habits(bool Talks, bool Listens, bool Uploads, bool Downloads, bool IsCareless, bool BeginsAtOnce, bool IsOldFashioned)
{
    public static Habits Of(int number) => new(
        Talks: number % 2 == 0,
        Listens: number % 3 == 0,
        Uploads: number % 4 == 1,
        Downloads: number % 4 == 2,
        IsCareless: number % 5 == 0,
        BeginsAtOnce: number % 5 == 3,
        IsOldFashioned: number % 6 == 5);
}
