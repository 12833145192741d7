using ActorLb.Shared.Backends;
using Xunit;

namespace ActorLb.Tests.Traffic;

public sealed class BackendGateTests
{
    private readonly BackendGate _gate = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void There_are_as_many_places_as_the_limit_says(int limit)
    {
        for (int i = 0; i < limit; i++)
        {
            Assert.Equal(i, _gate.Inside);
            Assert.True(_gate.TryEnter(limit));
        }

        Assert.False(_gate.TryEnter(limit));
        _gate.Leave();
        Assert.True(_gate.TryEnter(limit));
        Assert.False(_gate.TryEnter(limit));
        Assert.Equal(limit, _gate.Inside);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(_gate.TryEnter(0));
        }

        Assert.Equal(1000, _gate.Inside);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void As_many_may_wait_as_the_queue_is_long(int length)
    {
        Fill(1);
        for (int i = 0; i < length; i++)
        {
            Assert.True(_gate.TryQueue(new Waiter(), length));
        }

        Assert.False(_gate.TryQueue(new Waiter(), length));
        Assert.Equal(length, _gate.Waiting);
    }

    [Fact]
    public void A_place_is_handed_to_who_has_waited_longest()
    {
        Fill(2);
        var order = new List<Waiter>();
        Waiter[] waiters = [new(order), new(order), new(order)];
        Assert.All(waiters, w => Assert.True(_gate.TryQueue(w, 10)));

        _gate.Leave();
        Assert.Equal([waiters[0]], order);
        Assert.Equal((2, 2), (_gate.Inside, _gate.Waiting));

        _gate.Leave();
        _gate.Leave();
        Assert.Equal(waiters, order);

        _gate.Leave();
        _gate.Leave();
        Assert.Equal((0, 0), (_gate.Inside, _gate.Waiting));
    }

    [Fact]
    public void Nobody_overtakes_those_that_wait()
    {
        Fill(1);
        var first = new Waiter();
        Assert.True(_gate.TryQueue(first, 10));
        Assert.False(_gate.TryEnter(2));
        _gate.Leave();
        Assert.Equal(1, first.Admissions);
    }

    [Fact]
    public void Who_queues_just_after_everybody_left_is_admitted_at_once()
    {
        Fill(1);
        Assert.False(_gate.TryEnter(1));
        _gate.Leave();
        var waiter = new Waiter();

        Assert.True(_gate.TryQueue(waiter, 10));

        Assert.Equal(1, waiter.Admissions);
        Assert.Equal((1, 0), (_gate.Inside, _gate.Waiting));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Whoever_gives_up_leaves_the_order_of_the_others_as_it_was(int leaving)
    {
        Fill(1);
        var order = new List<Waiter>();
        Waiter[] waiters = [new(order), new(order), new(order)];
        Assert.All(waiters, w => Assert.True(_gate.TryQueue(w, 3)));

        Assert.True(_gate.Abandon(waiters[leaving]));
        Assert.False(_gate.Abandon(waiters[leaving]));
        Assert.Equal(2, _gate.Waiting);
        _gate.Leave();
        _gate.Leave();

        Assert.Equal(waiters.Where((_, i) => i != leaving), order);
    }

    [Fact]
    public void Who_was_admitted_cannot_give_up_any_more()
    {
        Fill(1);
        var waiter = new Waiter();
        Assert.True(_gate.TryQueue(waiter, 1));
        _gate.Leave();

        Assert.False(_gate.Abandon(waiter));
        Assert.Equal(1, _gate.Inside);
    }

    [Fact]
    public void A_waiter_of_another_gate_is_not_taken_out()
    {
        Fill(1);
        var waiter = new Waiter();
        Assert.True(_gate.TryQueue(waiter, 1));

        Assert.False(new BackendGate().Abandon(waiter));
        Assert.Throws<InvalidOperationException>(() => new BackendGate().TryQueue(waiter, 1));
        Assert.Equal(1, _gate.Waiting);
    }

    [Fact]
    public void Entering_leaving_and_waiting_allocate_nothing()
    {
        var waiter = new Waiter();
        Cycle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Cycle();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, waiter.Admissions);

        void Cycle()
        {
            _ = _gate.TryEnter(1) && !_gate.TryEnter(1) && _gate.TryQueue(waiter, 1) && _gate.Abandon(waiter) && _gate.TryQueue(waiter, 1);
            _gate.Leave();
            _gate.Leave();
        }
    }

    [Fact]
    public async Task Over_many_threads_no_place_is_lost_and_none_is_given_twice()
    {
        const int Places = 3;
        const int Threads = 8;
        const int Rounds = 20_000;
        int inside = 0;
        int most = 0;
        int gaveUp = 0;

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(seed => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed);
                var waiter = new BlockingWaiter();
                for (int i = 0; i < Rounds; i++)
                {
                    if (!_gate.TryEnter(Places))
                    {
                        Assert.True(_gate.TryQueue(waiter, Threads));
                        if (random.Next(4) == 0 && _gate.Abandon(waiter))
                        {
                            Interlocked.Increment(ref gaveUp);
                            continue;
                        }

                        waiter.Wait();
                    }

                    int now = Interlocked.Increment(ref inside);
                    InterlockedMax(ref most, now);
                    Interlocked.Decrement(ref inside);
                    _gate.Leave();
                }
            },
            TaskCreationOptions.LongRunning)));

        Assert.InRange(most, 1, Places);
        Assert.Equal((0, 0), (_gate.Inside, _gate.Waiting));
        Assert.InRange(gaveUp, 0, Threads * Rounds);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private void Fill(int limit)
    {
        for (int i = 0; i < limit; i++)
        {
            Assert.True(_gate.TryEnter(limit));
        }
    }

    internal sealed class Waiter(List<Waiter>? order = null) : GateWaiter
    {
        public int Admissions { get; private set; }

        public override void OnAdmitted()
        {
            Admissions++;
            order?.Add(this);
        }
    }

    private sealed class BlockingWaiter : GateWaiter
    {
        private readonly SemaphoreSlim _admitted = new(0);

        public void Wait() => Assert.True(_admitted.Wait(TimeSpan.FromSeconds(30)), "a place was lost");

        public override void OnAdmitted() => _admitted.Release();
    }
}
