using System.Diagnostics;
using System.Globalization;

namespace ActorLb.Bench.Sessions;

/// <summary>Asks two nodes for one session at the same moment, many times.</summary>
internal sealed class PairedClients(SessionNode left, SessionNode right) : IDisposable
{
    private const int AtOnceMax = 64;

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    public async Task<PairedAnswers> RunAsync(string[] cookies, double rate)
    {
        PairedAnswers answers = Start(cookies, rate);
        await answers.Done;
        return answers;
    }

    /// <param name="rate">Sessions per second; without a bound, as many at once as there are clients.</param>
    public PairedAnswers Start(string[] cookies, double rate)
    {
        var answers = new PairedAnswers();
        answers.Done = Task.Run(() => AskAsync(cookies, rate, answers));
        return answers;
    }

    public void Dispose() => _client.Dispose();

    private async Task AskAsync(string[] cookies, double rate, PairedAnswers answers)
    {
        using var atOnce = new SemaphoreSlim(double.IsFinite(rate) ? cookies.Length : AtOnceMax);
        var asked = new List<Task>(cookies.Length);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < cookies.Length; i++)
        {
            while (Stopwatch.GetElapsedTime(start).TotalSeconds * rate < i)
            {
                await Task.Delay(1);
            }

            await atOnce.WaitAsync();
            string cookie = cookies[i];
            asked.Add(Task.Run(async () =>
            {
                (string Answer, double Milliseconds)[] both = await Task.WhenAll(AskAsync(left, cookie), AskAsync(right, cookie));
                atOnce.Release();
                answers.Add(both);
            }));
        }

        await Task.WhenAll(asked);
        answers.Elapsed = Stopwatch.GetElapsedTime(start);
    }

    private async Task<(string Answer, double Milliseconds)> AskAsync(SessionNode node, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{node.HttpPort}/");
        request.Headers.Add("Cookie", cookie);
        long start = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            return (response.IsSuccessStatusCode ? body : "", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return ("", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }
}

/// <summary>What came back of one run.</summary>
internal sealed class PairedAnswers
{
    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];

    public Task Done { get; set; } = Task.CompletedTask;

    public TimeSpan Elapsed { get; set; }

    /// <summary>Requests without an answer of a backend.</summary>
    public int Failed { get; private set; }

    /// <summary>Sessions for which the two nodes named two backends.</summary>
    public int Apart { get; private set; }

    public double PerSecond => _milliseconds.Count / 2 / Elapsed.TotalSeconds;

    public void Add((string Answer, double Milliseconds)[] both)
    {
        lock (_gate)
        {
            _milliseconds.AddRange(both.Select(b => b.Milliseconds));
            Failed += both.Count(b => b.Answer.Length == 0);
            Apart += both.Where(b => b.Answer.Length > 0).Select(b => b.Answer).Distinct().Count() > 1 ? 1 : 0;
        }
    }

    public double Quantile(double quantile) => Figures.Quantile([.. _milliseconds.Order()], quantile);

    public string Times() => string.Create(CultureInfo.InvariantCulture, $"{Quantile(0.5):f1} / {Quantile(0.99):f1} ms");
}
