using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;

namespace ActorLb.Bench.Sessions;

/// <summary>A node process as the benchmark sees it: commands, answers, and what it told by itself.</summary>
internal sealed class SessionNode : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(6);

    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(long At, string More)>> _told = new();
    private readonly BenchProcess _process;

    private SessionNode(string name, int httpPort, BenchProcess process)
    {
        Name = name;
        HttpPort = httpPort;
        _process = process;
        _ = Task.Run(ListenAsync);
    }

    public string Name { get; }

    public int HttpPort { get; }

    /// <summary>Its sessions as it made them: the next number, and when it said so.</summary>
    public ConcurrentQueue<(int Next, long At)> Made { get; } = new();

    public static SessionNode Start(string name, string configuration, int httpPort, SessionRange expected) =>
        new(name, httpPort, BenchProcess.Self(["session-node", configuration, expected.ToString()], piped: true));

    public double ProcessorSeconds() => _process.ProcessorSeconds();

    public long ResidentBytes() => _process.ResidentBytes();

    public async Task<string> AskAsync(string command)
    {
        await _process.Input.WriteLineAsync(command);
        await _process.Input.FlushAsync();
        return await _answers.Reader.ReadAsync().AsTask().WaitAsync(AnswerLimit);
    }

    public async Task<int> AskNumberAsync(string command) => int.Parse((await AskAsync(command)).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>When it first told this, in ticks of the monotonic clock.</summary>
    public async Task<(long At, string More)> ToldAsync(string what) =>
        await _told.GetOrAdd(what, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(AnswerLimit);

    /// <summary>kill -9.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task ListenAsync()
    {
        while (await _process.Output.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ', 4);
            if (words[0] == "=")
            {
                _answers.Writer.TryWrite(line[2..]);
            }
            else if (words is ["!", "made", ..])
            {
                Made.Enqueue((int.Parse(words[3], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture)));
            }
            else if (words is ["!", ..])
            {
                _told.GetOrAdd(words[1], _ => new(TaskCreationOptions.RunContinuationsAsynchronously))
                    .TrySetResult((long.Parse(words[2], CultureInfo.InvariantCulture), words[3]));
            }
        }

        _answers.Writer.TryComplete(new EndOfStreamException($"{Name} ended"));
    }
}
