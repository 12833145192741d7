using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorLb.ProcessTests;
using Microsoft.Playwright;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>Hours of messages, told to a page of the dashboard as fast as it takes them: what is left of them is what is shown.</summary>
public sealed class LongSessionTests
{
    private const int MessagesOfOneAnswer = 600;
    private const int EventsOfOneAnswer = 60;

    [Theory]
    [InlineData("/")]
    [InlineData("/events")]
    [InlineData("/backends")]
    public async Task Five_hours_leave_no_more_in_a_page_than_one(string view)
    {
        string chromium = Programs.Chromium;
        await using LoopbackCluster cluster = await LoopbackCluster.StartAsync(nodes: 1);
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = chromium, Headless = true, Args = ["--no-sandbox", "--disable-gpu"] });
        var told = new ToldHours(await SampleAsync(cluster));
        IPage page = await browser.NewPageAsync();
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        await page.RouteAsync("**/api/v1/live", told.LiveAsync);
        await page.RouteAsync("**/api/v1/events*", told.EventsAsync);
        await page.GotoAsync($"{cluster.Nodes[0].Admin}#{view}");
        ICDPSession devTools = await page.Context.NewCDPSessionAsync(page);

        await told.WhenAskedAsync(6 + 1);
        Left afterOne = await LeftAsync(devTools);
        await told.WhenAskedAsync((5 * 6) + 1);
        Left afterFive = await LeftAsync(devTools);

        // Twice what an hour leaves is for elements that are not collected yet; each message of four hours would leave ten times that.
        Assert.True(afterFive.Bytes < 2 * afterOne.Bytes, $"{afterOne} became {afterFive}");
        Assert.True(afterFive.Nodes < 2 * afterOne.Nodes + 2000, $"{afterOne} became {afterFive}");
        Assert.InRange(afterFive.Listeners, 0, afterOne.Listeners + 10);
        Assert.Empty(errors);
    }

    private static async Task<Left> LeftAsync(ICDPSession devTools)
    {
        await devTools.SendAsync("HeapProfiler.collectGarbage");
        JsonElement heap = (await devTools.SendAsync("Runtime.getHeapUsage"))!.Value;
        JsonElement elements = (await devTools.SendAsync("Memory.getDOMCounters"))!.Value;
        return new Left(heap.GetProperty("usedSize").GetInt64(), elements.GetProperty("nodes").GetInt32(), elements.GetProperty("jsEventListeners").GetInt32());
    }

    private static async Task<JsonObject> SampleAsync(LoopbackCluster cluster)
    {
        await using Stream stream = await cluster.Client.GetStreamAsync(new Uri(cluster.Nodes[0].Admin, "/api/v1/live"));
        using var reader = new StreamReader(stream);
        return JsonNode.Parse((await reader.ReadLineAsync())!["data: ".Length..])!.AsObject();
    }

    /// <summary>What is left in a page after its garbage was collected.</summary>
    private sealed record Left(long Bytes, int Nodes, int Listeners);

    /// <summary>Answers questions for what is happening with ten minutes of it each, in which everything changes that can.</summary>
    private sealed class ToldHours(JsonObject sample)
    {
        private readonly DateTimeOffset _from = sample["time"]!.GetValue<DateTimeOffset>();
        private readonly SemaphoreSlim _asked = new(0);
        private int _second;
        private int _event;

        public async Task WhenAskedAsync(int times)
        {
            for (; _second < times * MessagesOfOneAnswer;)
            {
                Assert.True(await _asked.WaitAsync(TimeSpan.FromMinutes(2)), $"the page asked {_second / MessagesOfOneAnswer} times");
            }
        }

        public async Task LiveAsync(IRoute route)
        {
            var body = new StringBuilder();
            for (int i = 0; i < MessagesOfOneAnswer; i++)
            {
                body.Append(CultureInfo.InvariantCulture, $"data: {Message(_second++).ToJsonString()}\n\n");
            }

            await route.FulfillAsync(new RouteFulfillOptions { Status = 200, ContentType = "text/event-stream", Body = body.ToString() });
            _asked.Release();
        }

        public Task EventsAsync(IRoute route)
        {
            var body = new StringBuilder();
            for (int i = 0; i < EventsOfOneAnswer; i++)
            {
                _event++;
                string data = JsonSerializer.Serialize(new
                {
                    id = $"{_event}", at = _from.AddSeconds(_event), node = "lb1", kind = "backend.down", severity = "error", pool = "web", backend = "x", text = $"event {_event}", cause = $"{_event - 1}",
                });
                body.Append(CultureInfo.InvariantCulture, $"id: {_event}\ndata: {data}\n\n");
            }

            return route.FulfillAsync(new RouteFulfillOptions { Status = 200, ContentType = "text/event-stream", Body = body.ToString() });
        }

        private JsonObject Message(int second)
        {
            JsonObject message = sample.DeepClone().AsObject();
            message["time"] = _from.AddSeconds(second);
            message["all"]!["recentRequests"] = 1000 + (second % 777);
            message["all"]!["recentFailures"] = second % 13;
            JsonArray backends = message["pools"]![0]!["backends"]!.AsArray();
            foreach (JsonNode? backend in backends)
            {
                backend![1] = second % 97 < 5 ? "down" : "up";
                backend[6] = second % 300;
            }

            // One that was added and one that is wrong, each for some minutes, under a name of its own.
            if (second % 600 > 300)
            {
                JsonNode added = backends[0]!.DeepClone();
                added[0] = $"added-{second / 600}";
                backends.Add(added);
            }

            if (second % 200 < 50)
            {
                message["troubles"] = new JsonArray(new JsonObject
                {
                    ["key"] = $"trouble-{second / 200}", ["severity"] = "error", ["since"] = _from, ["title"] = $"trouble {second}", ["why"] = "why", ["done"] = "done", ["pool"] = "web", ["backend"] = null, ["node"] = null,
                });
            }

            return message;
        }
    }
}
