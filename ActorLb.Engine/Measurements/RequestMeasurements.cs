namespace ActorLb.Engine.Measurements;

/// <summary>Counts of the requests of one route, pool or backend: a stripe for each slot that has counted some. Any thread, each by its own slot.</summary>
internal sealed class RequestMeasurements
{
    private readonly Lock _making = new();

    // By the slots' numbers; replaced whole where it gets longer.
    private MeasurementStripe?[] _stripes = [];

    // Under the lock.
    private MeasurementStripe? _taken;

    /// <summary>The last recorded ones.</summary>
    public Exemplars Exemplars { get; } = new();

    public void Record(MeasuringSlot slot, in FinishedRequest request)
    {
        StripeOf(slot).Record(request);
        if (request.Exemplar is { } exemplar)
        {
            Exemplars.Keep(request.Status, exemplar);
        }
    }

    /// <summary>A connection to a backend was made.</summary>
    public void Connected(MeasuringSlot slot, long ticks) => StripeOf(slot).Connected(ticks);

    /// <summary>The wait for a place is over.</summary>
    public void Queued(MeasuringSlot slot, long ticks) => StripeOf(slot).Queued(ticks);

    public RequestFigures Read()
    {
        var sum = new MeasurementStripe(isShared: false);
        foreach (MeasurementStripe? stripe in Volatile.Read(ref _stripes))
        {
            stripe?.AddTo(sum);
        }

        lock (_making)
        {
            _taken?.AddTo(sum);
        }

        return sum.Read();
    }

    /// <summary>Counts what another one has counted, of which nothing more comes: what is being counted there at this moment is lost.</summary>
    public void Take(RequestMeasurements over)
    {
        lock (_making)
        {
            _taken ??= new MeasurementStripe(isShared: false);
            foreach (MeasurementStripe? stripe in Volatile.Read(ref over._stripes))
            {
                stripe?.AddTo(_taken);
            }
        }
    }

    private MeasurementStripe StripeOf(MeasuringSlot slot)
    {
        MeasurementStripe?[] stripes = Volatile.Read(ref _stripes);
        return slot.Number < stripes.Length && Volatile.Read(ref stripes[slot.Number]) is { } stripe ? stripe : Make(slot);
    }

    private MeasurementStripe Make(MeasuringSlot slot)
    {
        lock (_making)
        {
            if (_stripes.Length <= slot.Number)
            {
                var longer = new MeasurementStripe?[slot.Number + 1];
                _stripes.CopyTo(longer, 0);
                Volatile.Write(ref _stripes, longer);
            }

            return _stripes[slot.Number] ??= new MeasurementStripe(slot.IsShared);
        }
    }
}
