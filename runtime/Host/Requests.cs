// Requests to the loop from outside its thread: signals, and other threads. The loop sleeps in poll, so it is woken by a descriptor.
using System.Runtime.InteropServices;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>
/// Counts requests, and wakes the loop. Signals come by .NET's own handling, on a thread of its own that hands a small object to the callback; this is the
/// one thing in a running host that allocates, and only somebody with the right to kill the process can cause it.
/// </summary>
internal sealed unsafe class Requests : IDescriptorHandler
{
    private const int NoDescriptor = -1;

    private readonly List<PosixSignalRegistration> _registrations;

    // Nobody writes to a number that may be another descriptor's by now. The loop's thread takes it only to stop itself.
    private readonly Lock _descriptorUse;
    private int _event = NoDescriptor;
    private Handle<DescriptorWatch> _watch;
    private int _stops;
    private int _reloads;

    [StartUp(Because = "made before start")]
    public Requests()
    {
        _registrations = [];
        _descriptorUse = new();
    }

    public int Stops => Volatile.Read(ref _stops);

    public int Reloads => Volatile.Read(ref _reloads);

    /// <summary>Makes the descriptor, and registers for signals where they are wanted. False where the process has no descriptors left.</summary>
    [StartUp(Because = "signals are registered for before start")]
    public bool TryOpen(EventLoop loop, bool handlesSignals)
    {
        _event = Libc.EventDescriptor(0, Number.EventNonBlocking | Number.EventCloseOnExec);
        if (_event < 0 || !loop.TryWatch(_event, DescriptorEvents.Readable, this, 0, out _watch))
            return false;
        if (handlesSignals)
        {
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, HandleStopSignal));
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, HandleStopSignal));
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, HandleReloadSignal));
        }
        return true;
    }

    [StartUp(Because = "the end, and not the run")]
    public void Close(EventLoop loop)
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _registrations.Clear();
        loop.Unwatch(_watch);
        lock (_descriptorUse)
        {
            if (_event >= 0)
                _ = Libc.Close(_event);
            _event = NoDescriptor;
        }
    }

    public void Stop()
    {
        Interlocked.Increment(ref _stops);
        Wake();
    }

    public void Reload()
    {
        Interlocked.Increment(ref _reloads);
        Wake();
    }

    void IDescriptorHandler.HandleReady(Instant now, int token, DescriptorEvents events)
    {
        // The counts say what is wanted; this only makes the descriptor quiet again.
        ulong count;
        _ = Libc.Read(_event, &count, sizeof(ulong));
    }

    private void HandleStopSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Stop();
    }

    private void HandleReloadSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Reload();
    }

    private void Wake()
    {
        ulong one = 1;
        lock (_descriptorUse)
        {
            if (_event >= 0)
                _ = Libc.Write(_event, &one, sizeof(ulong));
        }
    }
}
