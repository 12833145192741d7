using System.Diagnostics;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// Makes sessions at a fixed rate on this node, each by the two calls with which TrafficDirector adopts one: noted
/// in the table, offered to the feed.
/// </summary>
internal static class SessionMaker
{
    /// <summary>One session of so many is timed.</summary>
    public const int SampleEvery = 200;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);

    /// <param name="share">Which of the nodes this is, of how many.</param>
    /// <param name="rate">Sessions per second that this node makes; 0: as fast as the feed takes them.</param>
    /// <param name="made">Is told how far it got, some 20 times a second, and at the end.</param>
    /// <returns>When each timed session was made, in ticks of the monotonic clock.</returns>
    public static List<(int Number, long At)> Make(
        DataPlane plane, SessionRange range, (int Node, int Nodes) share, double rate, Action<int, long> made)
    {
        var samples = new List<(int, long)>();
        BindingTable table = plane.Tables[SessionNumbers.Pool];
        long start = Stopwatch.GetTimestamp();
        long told = start;
        int number = range.First + share.Node;
        for (int count = 0; number < range.End;)
        {
            double due = Stopwatch.GetElapsedTime(start).TotalSeconds * rate;
            for (; count < due && number < range.End; count++, number += share.Nodes)
            {
                Binding binding = SessionNumbers.Binding(number, (uint)plane.Time.GetUtcNow().ToUnixTimeSeconds());
                if (count % SampleEvery == 0)
                {
                    samples.Add((number, Stopwatch.GetTimestamp()));
                }

                table.Note(binding);
                plane.Sessions.Offer(new SessionNotice(SessionNumbers.Pool, binding, SessionNoticeKind.Adopted));
            }

            if (Stopwatch.GetElapsedTime(told) > TimeSpan.FromMilliseconds(50))
            {
                told = Stopwatch.GetTimestamp();
                made(number, told);
            }

            Thread.Sleep(Pace);
        }

        made(number, Stopwatch.GetTimestamp());
        return samples;
    }

    /// <summary>
    /// Looks for the timed sessions of another node every 5 ms, until all are there or the time is over.
    /// </summary>
    public static List<(int Number, long At)> Watch(
        BindingTable table, SessionRange range, (int Node, int Nodes) maker, TimeSpan limit)
    {
        const int Ahead = 1000;
        var seen = new List<(int, long)>();
        var awaited = new List<int>();
        int stride = SampleEvery * maker.Nodes;
        int next = range.First + maker.Node;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < limit)
        {
            for (; awaited.Count < Ahead && next < range.End; next += stride)
            {
                awaited.Add(next);
            }

            if (awaited.Count == 0)
            {
                break;
            }

            long now = Stopwatch.GetTimestamp();
            int before = seen.Count;
            foreach (int number in awaited)
            {
                if (table.TryGet(SessionNumbers.Id(number), out _))
                {
                    seen.Add((number, now));
                }
            }

            if (seen.Count > before)
            {
                HashSet<int> found = [.. seen.Skip(before).Select(s => s.Item1)];
                awaited.RemoveAll(found.Contains);
            }

            Thread.Sleep(5);
        }

        return seen;
    }
}
