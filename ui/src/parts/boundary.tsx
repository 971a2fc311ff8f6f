import { Component, type ReactNode } from 'react';
import { queries } from '../api.ts';

interface BoundaryProps {
  /** What broke, for people: `Lock tree`. */
  readonly what: string;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly fault: string | undefined;
}

/** Keeps a fault of a view or a panel to itself: it says what broke, and the rest of the page lives on. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { fault: undefined };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  /** Without the answers that there are: what could not be drawn would not be drawn again. */
  readonly #retry = () => {
    void queries.resetQueries();
    this.setState({ fault: undefined });
  };

  override render(): ReactNode {
    const { fault } = this.state;
    if (fault === undefined) return this.props.children;
    return (
      <div className="note bad" role="alert">
        <strong>{this.props.what} cannot be shown.</strong> This is a fault of the page, not of the server: {fault}{' '}
        <button type="button" onClick={this.#retry}>
          Try again
        </button>
      </div>
    );
  }
}
