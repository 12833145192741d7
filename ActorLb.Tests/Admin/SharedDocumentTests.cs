using ActorLb.Node.Admin;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Admin;

public sealed class SharedDocumentTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource<byte[]>> _made = [];

    [Fact]
    public async Task Whoever_asks_while_one_is_made_waits_for_the_next_and_shares_it()
    {
        SharedDocument document = Document();
        Task<byte[]> first = document.GetAsync();
        await Until(() => Made == 1);
        Task<byte[]> second = document.GetAsync();
        Task<byte[]> third = document.GetAsync();
        Make(0);
        Assert.Equal([0], await first);
        Assert.False(second.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        await Until(() => Made == 2);
        Make(1);
        Assert.Equal([1], await second);
        Assert.Same(await second, await third);
    }

    [Fact]
    public async Task A_thousand_questions_make_ten_a_second_at_most()
    {
        SharedDocument document = new(_time, () =>
        {
            lock (_made)
            {
                _made.Add(new TaskCompletionSource<byte[]>());
            }

            return Task.FromResult<byte[]>([]);
        });
        await document.GetAsync();
        Task[] asked = [.. Enumerable.Range(0, 1000).Select(_ => document.GetAsync())];

        Assert.Equal(1, Made);
        _time.Advance(TimeSpan.FromMilliseconds(100));

        await Task.WhenAll(asked);
        Assert.Equal(2, Made);
    }

    [Fact]
    public async Task One_that_cannot_be_made_does_not_keep_the_next_from_being_made()
    {
        SharedDocument document = Document();
        Task<byte[]> first = document.GetAsync();
        await Until(() => Made == 1);
        Made0().SetException(new InvalidOperationException("not now"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        Task<byte[]> second = document.GetAsync();

        _time.Advance(TimeSpan.FromMilliseconds(100));

        await Until(() => Made == 2);
        Make(1);
        Assert.Equal([1], await second);
    }

    private int Made
    {
        get
        {
            lock (_made)
            {
                return _made.Count;
            }
        }
    }

    private TaskCompletionSource<byte[]> Made0()
    {
        lock (_made)
        {
            return _made[0];
        }
    }

    private void Make(byte number)
    {
        lock (_made)
        {
            _made[number].SetResult([number]);
        }
    }

    private SharedDocument Document() => new(_time, () =>
    {
        var made = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_made)
        {
            _made.Add(made);
        }

        return made.Task;
    });

    private static async Task Until(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
